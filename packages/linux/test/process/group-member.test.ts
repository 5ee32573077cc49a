import { spawn } from "node:child_process";

import { livingMember, pickMember } from "@upkeep/linux/process/group-member";
import { processInfo } from "@upkeep/linux/process/process-info";
import { expect, test } from "vitest";

import { someProcess } from "../helpers/some-process.ts";
import { until } from "../helpers/until.ts";
import { makeZombies } from "../helpers/zombies.ts";

test("a living member of a group is found, whoever is guessed", () => {
  const group = processInfo("self")?.group ?? 0;
  expect(livingMember(group, process.pid)).toBe(process.pid);
  const found = livingMember(group, 0) ?? 0;
  expect(processInfo(found)?.group).toBe(group);
});

test("a group that holds a zombie alone has none, whenever it is asked for", async () => {
  using zombies = await makeZombies(1);
  const [group = 0] = zombies.groups;
  for (let round = 0; round < 3; round += 1) expect(livingMember(group, 0)).toBeNull();
});

test("a member that was born since the search before is found", async () => {
  using zombies = await makeZombies(1);
  expect(livingMember(zombies.groups[0] ?? 0, 0)).toBeNull();
  const leader = spawn("/bin/sh", ["-c", "sleep 1000 & echo $!"], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let member = "";
  leader.stdout.on("data", (chunk) => (member += String(chunk)));
  await until("the leader to have ended", () => leader.exitCode !== null && member !== "");
  expect(livingMember(leader.pid ?? 0, 0)).toBe(Number(member));
  process.kill(Number(member), "SIGKILL");
});

test("a group of which only the ended can be seen is gone, unless others may be hidden", () => {
  const ended = { ...someProcess, pid: 5, state: "Z" };
  const living = { ...someProcess, pid: 6 };
  expect(pickMember(5, [ended, living], true)).toBe(6);
  expect(pickMember(5, [ended, living], false)).toBe(6);
  expect(pickMember(5, [ended], true)).toBeNull();
  expect(pickMember(5, [ended], false)).toBe(5);
  expect(pickMember(5, [], true)).toBe(5);
});

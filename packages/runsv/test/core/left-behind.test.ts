import { defaultPolicy } from "@upkeep/service-directory/core/run-settings";
import { expect, test } from "vitest";

import { mayStart } from "../../src/core/left-behind.ts";
import { World, type Options } from "../helpers/world.ts";

const nginx = { pid: 77, name: "nginx" };
const warning =
  "warning: ./run exited 0 at once and left nginx (pid 77) in the background: " +
  `keep it in the foreground (no "&", no option that makes it a daemon)`;

function open(options: Partial<Options> = {}): World {
  return new World({ leftBehind: nginx, ...options });
}

function looks(world: World): number {
  return world.effects.filter(({ kind }) => kind === "lookBehind").length;
}

test("a run that exits 0 at once and leaves a process is warned of once, and shown until a start goes better", () => {
  const world = open();
  for (let turn = 0; turn < 3; turn++) {
    world.end(world.process());
    expect(world.state.service.leftBehind).toEqual(nginx);
    world.pass(1000);
  }
  // The copy in the background may be why it fails now.
  world.end(world.process(), { kind: "exited", code: 1 });
  expect(world.state.service.leftBehind).toEqual(nginx);
  expect(world.done.filter((what) => what === warning)).toHaveLength(1);
  world.pass(2500);
  world.end(world.process(), { kind: "exited", code: 1 });
  expect(world.state.service.leftBehind).toBeNull();
  expect(looks(world)).toBe(3);
});

test("nothing is looked for after a failure, a second of life, an end that was asked for, or a job", () => {
  const failed = open();
  failed.end(failed.process(), { kind: "exited", code: 1 });
  const lived = open();
  lived.pass(1000);
  lived.end(lived.process());
  const asked = open();
  asked.command("term");
  asked.end(asked.process());
  const down = open();
  down.command("down");
  down.end(down.process());
  const job = open({ settings: { policy: { ...defaultPolicy, restart: "on-failure" } } });
  job.end(job.process());
  const log = open({ log: "up" });
  log.end(log.process("run", "log"));
  expect([failed, lived, asked, down, job, log].map(looks)).toEqual([0, 0, 0, 0, 0, 0]);
});

test("a process that leads a session may be what setsid(1) forked: the next start does not lead one", () => {
  const world = new World();
  world.post({ kind: "leftBehindFound", slot: "service", found: nginx, leadsSession: true, at: world.at() });
  expect(world.state.service.placing).toEqual({ next: "group", isProven: true });
});

test("a script may start what its text names, but not because it is its interpreter", () => {
  const script = "#!/usr/bin/perl\nexec '/usr/sbin/nginx-with-a-long-name', '-g';\nsystem 'cron';\n";
  expect(["nginx-with-a-lo", "cron", "exec"].map((name) => mayStart(script, name))).toEqual([true, true, true]);
  expect(["perl", "usr/sbin", "nginx", ""].map((name) => mayStart(script, name))).toEqual([false, false, false, false]);
  expect(mayStart("exec perl job.pl\n", "perl")).toBe(true);
});

test("the name of all scripts says nothing, whatever words are in the script", () => {
  const script = "#!/bin/sh\ncd /run/app\nexec nginx\n";
  expect(["run", "nginx"].map((name) => mayStart(script, name))).toEqual([false, true]);
});

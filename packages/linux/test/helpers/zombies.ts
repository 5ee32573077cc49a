import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

import { processInfo } from "@upkeep/linux/process/process-info";

import { until } from "./until.ts";

/** Process groups in each of which there is nothing but a zombie. Nobody reaps them before they are disposed of. */
export interface Zombies extends Disposable {
  readonly groups: readonly number[];
}

export async function makeZombies(count: number): Promise<Zombies> {
  // The shell would reap those that end before it makes way for a program that reaps none.
  const start = "setsid cat <&3 & echo $!; ";
  const keeper = spawn("/bin/sh", ["-c", `exec 3<&0; ${start.repeat(count)} exec sleep 1000 3<&-`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  keeper.stdout.on("data", (chunk) => (text += String(chunk)));
  const name = (): string => readFileSync(`/proc/${keeper.pid}/comm`, "utf8").trim();
  await until("all to be started", () => text.split("\n").length > count && name() === "sleep");
  const groups = text.trim().split("\n").map(Number);
  keeper.stdin.end();
  const isZombie = (group: number): boolean => {
    const info = processInfo(group);
    return info?.state === "Z" && info.group === group;
  };
  await until("all to have ended", () => groups.every(isZombie));
  return { groups, [Symbol.dispose]: () => keeper.kill("SIGKILL") };
}

import { closeSync, readFileSync } from "node:fs";

import { environmentAtStart } from "@upkeep/linux/exec/environment";
import { spawn } from "@upkeep/linux/exec/spawn";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readTextOrNull } from "@upkeep/linux/fd/files";
import { processInfo } from "@upkeep/linux/process/process-info";
import { findPlaces } from "@upkeep/supervise/place/places";
import { describeSelf, livingHolder } from "@upkeep/supervise/files/holder-file";

import { decodeUnit, keeperOf, unitOf, type Keeper, type Unit } from "../core/takeover/keeper.ts";
import { findsOurs, isGiven, nameOfProcess, processesCalled, read, type Found } from "./processes.ts";

/** Who supervises a scan directory. */
export interface Runsvdir extends Found {
  /** Whether it is of this suite. */
  readonly isOurs: boolean;
}

/** The runsvdir of a scan directory that is of this suite; null without one. */
export function findOwnRunsvdir(directory: string): Runsvdir | null {
  const own = describeSelf();
  for (const home of [directory, ...findPlaces(directory)]) {
    const holder = livingHolder(`${home}/.runsvdir/holder.json`, own);
    const info = holder === null ? null : processInfo(holder.pid);
    if (holder !== null && info !== null) return { pid: holder.pid, info, isOurs: true };
  }
  return null;
}

/** All runsvdir of runit's that have this scan directory. */
export function findRunitsRunsvdirs(directory: string): readonly Runsvdir[] {
  return processesCalled("runsvdir")
    .filter(({ pid }) => isGiven(pid, directory))
    .map((found) => ({ ...found, isOurs: false }));
}

/** What becomes of a runsvdir of runit's that gets TERM. */
export function findKeeper({ pid, info }: Runsvdir): Keeper {
  return keeperOf({
    pid,
    parent: info.parent,
    processOne: nameOfProcess(1),
    unit: unitHolding(pid),
    inittab: readTextOrNull("/etc/inittab", { mayBeLink: true }),
    findsOurs: findsOurs(pid, "runsvdir"),
  });
}

function unitHolding(pid: number): Unit | null {
  const name = nameOfProcess(1) === "systemd" ? unitOf(read(pid, "cgroup")) : null;
  return name === null
    ? null
    : decodeUnit(name, outputOf(["systemctl", "show", "-p", "MainPID,Restart,KillMode", name]));
}

/** What a command prints; empty where it cannot be run. */
function outputOf(argv: readonly string[]): string {
  const [path = ""] = argv;
  const pipe = createPipe();
  const environment = environmentAtStart();
  const { ok } = spawn({
    path,
    searchPath: true,
    argv,
    environment,
    newSession: false,
    stdio: [null, pipe.write, null],
  });
  closeSync(pipe.write);
  try {
    return ok ? readFileSync(pipe.read, "utf8") : "";
  } finally {
    closeSync(pipe.read);
  }
}

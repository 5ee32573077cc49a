import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

import { candidates, execvpSearch } from "@upkeep/program/core/path-search";
import { commandsDirectory, isStandalone } from "@upkeep/program/command-line/invocation";
import { leadsToUs } from "@upkeep/program/command-line/own-command";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { mayExecute, readLinkOrNull, realPathOrNull } from "@upkeep/linux/fd/files";
import { listProcesses, processInfo, type ProcessInfo } from "@upkeep/linux/process/process-info";

// What /proc tells of other supervisors.

/** A process, named for good. */
export interface Found {
  readonly pid: number;
  readonly info: ProcessInfo;
}

/** A process of our user and our namespaces that the kernel calls so; null where the pid is none, or it has ended. */
export function processCalled(name: string, pid: number): Found | null {
  try {
    const info = processInfo(pid);
    if (info === null || info.state === "Z" || info.state === "X" || nameOfProcess(pid) !== name) return null;
    if (statSync(`/proc/${pid}`).uid !== process.geteuid?.()) return null;
    const isHere = ["pid", "mnt"].every(
      (kind) => readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`),
    );
    return isHere ? { pid, info } : null;
  } catch {
    return null;
  }
}

/** All of these, see {@link processCalled}. */
export function processesCalled(name: string): readonly Found[] {
  return listProcesses().flatMap(({ pid }) => processCalled(name, pid) ?? []);
}

/** What the kernel calls a process: 15 bytes of its name; empty where there is none. */
export function nameOfProcess(pid: number): string {
  return read(pid, "comm").trimEnd();
}

/** A file of /proc/PID; empty where it cannot be read. */
export function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** Whether both paths lead to the same directory. */
export function isSameDirectory(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(pathOfName(one), { bigint: true }), statSync(pathOfName(other), { bigint: true })];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

/** Whether the first of these words is the directory that a process was given, relative to its working directory. */
export function isGiven(pid: number, directory: string): boolean {
  const words = read(pid, "cmdline").split("\0").slice(1, -1);
  const operand = words.find((word) => !word.startsWith("-"));
  if (operand === undefined) return false;
  return isSameDirectory(operand.startsWith("/") ? operand : `/proc/${pid}/cwd/${operand}`, directory);
}

/** Whether a process that starts this command by its PATH starts that of this suite. */
export function findsOurs(pid: number, command: "runsv" | "runsvdir"): boolean {
  const path = read(pid, "environ")
    .split("\0")
    .find((entry) => entry.startsWith("PATH="));
  const own = realPathOrNull(isStandalone ? process.execPath : join(commandsDirectory(), command));
  const found = candidates(execvpSearch, command, path?.slice("PATH=".length) ?? null).find(
    (file) => !file.startsWith("/") || mayExecute(file),
  );
  return found !== undefined && found.startsWith("/") && own !== null && leadsToUs(found, own);
}

/** Whether a process has been stopped. */
export function isStopped(pid: number): boolean {
  const info = processInfo(pid);
  return info === null || info.state === "T" || info.state === "t";
}

/** The descriptors of a process, and what they lead to. */
export function descriptorsOf(pid: number): readonly { readonly fd: number; readonly link: string }[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .map(Number)
      .flatMap((fd) => {
        const link = readLinkOrNull(`/proc/${pid}/fd/${fd}`);
        return link === null ? [] : [{ fd, link }];
      });
  } catch {
    return [];
  }
}

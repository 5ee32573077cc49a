/* PID namespaces with a process 1 of their own. */
import { readFileSync, readlinkSync } from "node:fs";
import { execaSync } from "execa";
import type { Need } from "../core/needs.ts";
import { childrenOf } from "../process/processes.ts";
import type { RunningCommand } from "../process/running-command.ts";

/** Words that make the namespaces. */
export const namespaces = [
  "unshare",
  "--mount",
  "--propagation",
  "private",
  "--pid",
  "--fork",
  "--mount-proc",
] as const;

/** Prefix that runs a command in a new PID namespace, but not as its process 1. */
export const besideProcessOne: readonly string[] = [...namespaces, "sh", "-c", '"$@"; exit $?', "sh"];

/** For a test's `needs`: a PID namespace. */
export const ownNamespaces: Need = pidNamespaceFailure();

/** Pid, as seen from outside, of the process 1 that the command has made. */
export function firstOfNamespace(command: RunningCommand): number {
  const first = findFirstOfNamespace(command);
  if (first === undefined) throw new Error("no process 1");
  return first;
}

/** The same; undefined when it is not there yet, or not any more. */
export function findFirstOfNamespace(command: RunningCommand): number | undefined {
  return childrenOf(command.pid).find(isFirstOfNamespace);
}

function isFirstOfNamespace(pid: number): boolean {
  try {
    const inner = /^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return inner === "1" && readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync("/proc/self/ns/pid");
  } catch {
    return false; // It has gone meanwhile.
  }
}

function pidNamespaceFailure(): Need {
  const { failed } = execaSync("env", [...namespaces, "true"], { reject: false });
  return failed ? "a PID namespace: to enable in a container, give it CAP_SYS_ADMIN" : undefined;
}

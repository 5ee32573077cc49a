import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Pids of all processes. */
export function pids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** True while the process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  const [state] = statFields(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Sends a signal to a process that may be gone already. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** A process and all its living descendants, without those to be left out and what is below them. */
export function processTree(root: number, leftOut: ReadonlySet<number> = new Set()): readonly number[] {
  const children = Map.groupBy(pids().filter(isAlive), (pid) => Number(statFields(pid)[1]));
  const below = (pid: number): readonly number[] =>
    leftOut.has(pid) ? [] : [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

/** The fields of /proc/PID/stat from the state on: state, parent, process group ... None of a process that is gone. */
function statFields(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name in parentheses may contain anything.
    return text.slice(text.lastIndexOf(") ") + 2).split(" ");
  } catch {
    return [];
  }
}

/** What a process takes, in kB. */
export interface Memory {
  /** Its pages, each divided by the number of processes that share it. */
  readonly pss: number;
  /** Its pages that no other process has. */
  readonly private: number;
  /** Those of them that were written: no file holds what is in them. */
  readonly written: number;
  readonly rss: number;
}

/** Memory of one process. */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const field = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  const written = field("Private_Dirty");
  return { pss: field("Pss"), private: field("Private_Clean") + written, written, rss: field("Rss") };
}

/** Counts the context switches of some processes for so many seconds, and returns how many they would be in 30 s. */
export async function switchesIn30s(processes: readonly number[], seconds: number): Promise<number> {
  const before = countSwitches(processes);
  await sleep(seconds * 1000);
  return (switchesBetween(before, countSwitches(processes)) * 30) / seconds;
}

/** Context switches of each thread of some processes, voluntary or not. */
type SwitchCounts = ReadonlyMap<string, number>;

/** Counts the switches that the threads of these processes have had so far. */
function countSwitches(processes: readonly number[]): SwitchCounts {
  const threads = processes.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((tid) => `${pid}/task/${tid}`));
  return new Map(threads.map((thread) => [thread, switchesOf(thread)]));
}

function switchesOf(thread: string): number {
  const status = readFileSync(`/proc/${thread}/status`, "latin1");
  const counts = status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Switches between two counts. A thread that ended meanwhile counts as still; one that began counts in full. */
function switchesBetween(before: SwitchCounts, after: SwitchCounts): number {
  return [...after].reduce((sum, [thread, count]) => sum + count - (before.get(thread) ?? 0), 0);
}

/**
 * Waits until none of these processes has run for a while.
 *
 * Some never rest, such as those that look at the clock every second: after `longest` ms it goes on all the same.
 */
export async function untilQuiet(processes: readonly number[], longest = 3000): Promise<void> {
  const end = performance.now() + longest;
  for (let before = countSwitches(processes); ;) {
    await sleep(500);
    const after = countSwitches(processes);
    if (switchesBetween(before, after) === 0 || performance.now() > end) return;
    before = after;
  }
}

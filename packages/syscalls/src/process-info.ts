import { readFileSync } from "node:fs";

/** What /proc/PID/stat (proc(5)) says of a process. */
export interface ProcessInfo {
  /** One letter: R, S, T, Z ... */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The foreground process group of its terminal; -1 without a terminal. */
  readonly terminalGroup: number;
  /** When it started, in clock ticks since boot: with the pid, this names a process for good. */
  readonly startTicks: number;
}

/** Reads about a process; null when there is none (any more). */
export function processInfo(pid: number | "self"): ProcessInfo | null {
  try {
    return parseProcessInfo(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return null;
  }
}

/** Takes a line of /proc/PID/stat apart; the second field, the name, may hold blanks and brackets. */
export function parseProcessInfo(line: string): ProcessInfo | null {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session, , terminalGroup] = fields;
  const startTicks = fields[19];
  if (state === undefined || startTicks === undefined) return null;
  return {
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    terminalGroup: Number(terminalGroup),
    startTicks: Number(startTicks),
  };
}

/** Whether this process is in the foreground of a terminal, so that an INT most likely is a Ctrl-C. */
export function isInForeground(): boolean {
  const own = processInfo("self");
  return own !== null && own.terminalGroup > 0 && own.terminalGroup === own.group;
}

/** The pids of this process's children, adopted ones included. */
export function childPids(): readonly number[] {
  try {
    const text = readFileSync("/proc/thread-self/children", "latin1");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

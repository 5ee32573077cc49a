import { readdirSync, readFileSync, readlinkSync } from "node:fs";

import { tickMillis } from "../core/clock-ticks.ts";

/** What /proc/PID/stat (proc(5)) says of a process. */
export interface ProcessInfo {
  /** One letter: R, S, T, Z ... */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The foreground process group of its terminal; -1 without a terminal. */
  readonly terminalGroup: number;
  /** How many threads it has; of one whose first thread has ended alone, `state` is Z nevertheless. */
  readonly threads: number;
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
  const [threads, startTicks] = [fields[17], fields[19]];
  if (state === undefined || startTicks === undefined) return null;
  return {
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    terminalGroup: Number(terminalGroup),
    threads: Number(threads),
    startTicks: Number(startTicks),
  };
}

/** Whether a process has ended and only awaits its reaper: it holds no file, lock or port any more. */
export function hasEnded({ state, threads }: ProcessInfo): boolean {
  return (state === "Z" || state === "X") && threads <= 1;
}

/**
 * A living process of a process group, `guess` if that is one; null when all that can be seen of the group has ended and
 * awaits a reaper, who may never come.
 *
 * The number of the group itself when nobody can be seen: whoever may be signalled there is hidden, or gone this moment.
 * So it is where /proc hides processes (`hidepid`), and only such that have ended can be seen: others may live.
 */
export function livingMember(group: number, guess: number): number | null {
  const guessed = processInfo(guess);
  if (guessed?.group === group && !hasEnded(guessed)) return guess;
  const look = (): number | null => {
    const members = listProcesses().filter((one) => one.group === group);
    return pickMember(group, members, processInfo(1) !== null);
  };
  // Whoever is born during a look, of a parent that then ends, is seen by the next one.
  return look() ?? look();
}

/** One look of {@link livingMember}. `seesAll`: whether /proc hides nobody. */
export function pickMember(
  group: number,
  members: readonly (ProcessInfo & { readonly pid: number })[],
  seesAll: boolean,
): number | null {
  const living = members.find((one) => !hasEnded(one));
  if (living !== undefined) return living.pid;
  return members.length > 0 && seesAll ? null : group;
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

/**
 * Whether a process lives, or awaits its reaper, that has been in a session and a process group since before a moment (ms
 * since boot, as of `bootMillis`).
 *
 * Then the session has been there all the time: a session is left or entered by a new one, or by birth, only. So it and the
 * group are those of that moment, although the leader may be gone: a pid is not given away as long as it names a session.
 * Born in the same tick (10 ms) counts as before, as a daemon's parent ends as soon as it has forked: within a tick nobody
 * comes round to the same pid.
 */
export function isSessionSince(group: number, moment: number, session: number = group): boolean {
  return listPids().some((pid) => {
    const info = processInfo(pid);
    return info?.session === session && info.group === group && info.startTicks * tickMillis <= moment;
  });
}

/** All processes that can be seen, with their pids. */
export function listProcesses(): readonly (ProcessInfo & { readonly pid: number })[] {
  return listPids().flatMap((pid) => {
    const info = processInfo(pid);
    return info === null ? [] : [{ pid, ...info }];
  });
}

/** The pids of the processes above this one, its parent first, as far as they can be seen. */
export function ancestorPids(): readonly number[] {
  const pids: number[] = [];
  for (let next = processInfo("self")?.parent ?? 0; next > 0 && !pids.includes(next);) {
    pids.push(next);
    next = processInfo(next)?.parent ?? 0;
  }
  return pids;
}

function listPids(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/**
 * Names the run of the system, or of the container, that this process is in: the kernel's boot id, the PID namespace,
 * and when its process 1 was started; or, where /proc hides that from us (`hidepid`), which is the highest process above
 * us that can be seen, and when that was started. Pids and start times of different runs mean nothing to each other.
 * Null where that cannot be told.
 */
export function systemRun(): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    const root = nameRoot(processInfo);
    return root === null ? null : `${boot} ${readlinkSync("/proc/self/ns/pid")} ${root}`;
  } catch {
    return null;
  }
}

/** The start of process 1; where that cannot be seen, pid and start of the highest visible ancestor; null without one. */
export function nameRoot(look: (pid: number | "self") => ProcessInfo | null): string | null {
  const first = look(1);
  if (first !== null) return String(first.startTicks);
  let root: string | null = null;
  for (let pid = look("self")?.parent ?? 0; pid > 0;) {
    const info = look(pid);
    if (info === null) break;
    root = `${pid} ${info.startTicks}`;
    pid = info.parent;
  }
  return root;
}

import { Buffer } from "node:buffer";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";

import { tickBetween, tickMillis } from "../core/clock-ticks.ts";
import { errno } from "../core/errno.ts";
import { type SignalName, signals } from "../core/signals.ts";
import { sendSignal } from "../signal/signal.ts";

/** What /proc/PID/stat (proc(5)) says of a process. */
export interface ProcessInfo {
  /** One letter: R, S, T, Z ... */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The foreground process group of its terminal; -1 without a terminal. */
  readonly terminalGroup: number;
  /** How many threads it has. If only the first one has ended, `state` is Z nevertheless. */
  readonly threads: number;
  /** When it started, in clock ticks since boot. Together with the pid this names one process for ever. */
  readonly startTicks: number;
}

/** A process, and which one it is. */
export interface ListedProcess extends ProcessInfo {
  readonly pid: number;
}

/** Reads about a process; null if there is none, or none any more. */
export function processInfo(pid: number | "self"): ProcessInfo | null {
  try {
    return parseProcessInfo(readProcessLine(pid));
  } catch {
    return null;
  }
}

/** Whether the clock agrees with /proc about when a process has started, as it does on Linux itself; null: not looked yet. */
let isClockTrue: boolean | null = null;

/**
 * When a child has started, in clock ticks since boot; null if it is gone. The clock often tells it without a look at
 * /proc, once the two were seen to agree.
 *
 * @param before `bootMillis` before the start. @param after the same after it.
 */
export function startTicksOf(pid: number, before: number, after: number): number | null {
  const byClock = tickBetween(before, after);
  if (isClockTrue === true && byClock !== null) return byClock;
  const found = processInfo(pid)?.startTicks ?? null;
  if (byClock !== null && found !== null) isClockTrue = found === byClock;
  return found;
}

/** Longer than any line of /proc/PID/stat. One for all: readFile of node:fs takes 256 KiB for a file that tells no size. */
const room = Buffer.allocUnsafeSlow(2048);

/** The line of /proc/PID/stat. Throws as node:fs does. */
export function readProcessLine(pid: number | "self"): string {
  const fd = openSync(`/proc/${pid}/stat`, "r");
  try {
    return room.toString("latin1", 0, readSync(fd, room, 0, room.length, null));
  } finally {
    closeSync(fd);
  }
}

/** Takes a line of /proc/PID/stat apart. The second field, the name, may hold blanks and brackets. */
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

/** Whether a process has ended and only waits to be reaped: it holds no file, lock or port any more. */
export function hasEnded({ state, threads }: ProcessInfo): boolean {
  return (state === "Z" || state === "X") && threads <= 1;
}

/** Whether a process has a handler for a signal; true as well where that cannot be told. */
export function catchesSignal(pid: number, signal: SignalName): boolean {
  try {
    const caught = /^SigCgt:\s*([\da-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return caught === undefined || ((BigInt(`0x${caught}`) >> BigInt(signals[signal] - 1)) & 1n) === 1n;
  } catch {
    return true;
  }
}

/** Whether this process is in the foreground of a terminal: then INT most likely is a Ctrl-C. */
export function isInForeground(): boolean {
  const own = processInfo("self");
  return own !== null && own.terminalGroup > 0 && own.terminalGroup === own.group;
}

/** The pids of the children of this process, orphans that became its children included. */
export function childPids(): readonly number[] {
  try {
    const text = readFileSync("/proc/thread-self/children", "latin1");
    return text.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/**
 * Whether there is a process, or a zombie, in a process group and a session (by default the one of that number) that was
 * born before `moment` (ms since boot, as of `bootMillis`).
 *
 * If so, both existed at that moment, even if the leader is gone now: a process enters a session only by birth or by
 * making it, and the kernel gives away no pid that still names a session. A birth in the same tick (10 ms) counts as
 * before, because the parent of a daemon ends as soon as it has forked. Within a tick pids do not come round.
 */
export function isSessionSince(group: number, moment: number, session: number = group): boolean {
  // Most groups are empty. The kernel says so without a search of all processes.
  if (sendSignal(-group, 0) === errno.ESRCH) return false;
  const isMember = (pid: number): boolean => {
    const info = processInfo(pid);
    return info?.session === session && info.group === group && info.startTicks * tickMillis <= moment;
  };
  // Its leader often waits to be reaped.
  return isMember(group) || listPids().some(isMember);
}

/** All processes that can be seen, with their pids. */
export function listProcesses(): readonly ListedProcess[] {
  return listPids().flatMap((pid) => {
    const info = processInfo(pid);
    return info === null ? [] : [{ pid, ...info }];
  });
}

/** The pids of the ancestors of this process that can be seen, its parent first. */
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
 * Names this run of the system or of the container, because pids and start times of two runs cannot be compared. The name
 * has the boot id of the kernel, the PID namespace, and what {@link nameRoot} says. Null where that cannot be told.
 */
export function systemRun(): string | null {
  knownRun ??= readSystemRun();
  return knownRun;
}

/** It is the same for as long as this process lives. */
let knownRun: string | null = null;

function readSystemRun(): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    const root = nameRoot(processInfo);
    return root === null ? null : `${boot} ${readlinkSync("/proc/self/ns/pid")} ${root}`;
  } catch {
    return null;
  }
}

/**
 * The start time of process 1. Where /proc hides that (`hidepid`), pid and start time of the highest ancestor that can be
 * seen; null without one.
 */
export function nameRoot(infoOf: (pid: number | "self") => ProcessInfo | null): string | null {
  const first = infoOf(1);
  if (first !== null) return String(first.startTicks);
  let root: string | null = null;
  for (let pid = infoOf("self")?.parent ?? 0; pid > 0;) {
    const info = infoOf(pid);
    if (info === null) break;
    root = `${pid} ${info.startTicks}`;
    pid = info.parent;
  }
  return root;
}

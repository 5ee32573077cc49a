import { Buffer } from "node:buffer";

import { readInto } from "../fd/files.ts";
import { bootMillis } from "../time/clock.ts";
import { hasEnded, listProcesses, processInfo, type ListedProcess } from "./process-info.ts";

/**
 * All processes, as one search has found them. As long as none has been born since, no other one exists. Many supervised
 * processes may end at the same moment, and each group is searched for.
 */
interface Census {
  readonly at: number;
  /** The pid that was given away last. */
  readonly lastPid: number;
  readonly sessionOf: ReadonlyMap<number, number>;
  readonly membersOf: ReadonlyMap<number, readonly ListedProcess[]>;
}

let census: Census | null = null;

/** Milliseconds for which a search counts. Within them the kernel does not give all pids away and begin again. */
const shelfLife = 1000;

/**
 * The pid of a living process of a process group.
 *
 * @param guess is the answer if it is such a process.
 * @returns null if every member has ended and only waits to be reaped, perhaps for ever. The number of the group itself
 * if no member can be seen, or if /proc hides processes (`hidepid`) and all visible members have ended: a living member
 * may be hidden, or has gone this moment.
 */
export function livingMember(group: number, guess: number): number | null {
  const guessed = processInfo(guess);
  if (guessed?.group === group && !hasEnded(guessed)) return guess;
  const known = membersByCensus(group);
  if (known.length > 0) return pickMember(group, known, seesAll());
  // A search can miss a process that is born during it if the parent ends then. The next search sees it.
  return search(group) ?? (census === null ? search(group) : null);
}

/** One look at the members of a group. `seesEverybody`: /proc hides nobody. */
export function pickMember(group: number, members: readonly ListedProcess[], seesEverybody: boolean): number | null {
  const living = members.find((one) => !hasEnded(one));
  if (living !== undefined) return living.pid;
  return members.length > 0 && seesEverybody ? null : group;
}

function seesAll(): boolean {
  return processInfo(1) !== null;
}

/** Searches all processes. Takes the census, where none was born meanwhile. */
function search(group: number): number | null {
  const [at, lastPid] = [bootMillis(), lastPidGiven()];
  const all = listProcesses();
  census = lastPid !== null && lastPid === lastPidGiven() ? takeCensus(all, at, lastPid) : null;
  return pickMember(
    group,
    all.filter((one) => one.group === group),
    seesAll(),
  );
}

function takeCensus(all: readonly ListedProcess[], at: number, lastPid: number): Census {
  if (census === null) setTimeout(forget, shelfLife).unref();
  const sessionOf = new Map(all.map(({ group, session }) => [group, session]));
  return { at, lastPid, sessionOf, membersOf: Map.groupBy(all, ({ session }) => session) };
}

function forget(): void {
  census = null;
}

/** The members of a group as they are now, by the census; none where that does not count any more, or knows none. */
function membersByCensus(group: number): readonly ListedProcess[] {
  if (census === null || bootMillis() - census.at > shelfLife || lastPidGiven() !== census.lastPid) return [];
  // A process changes to another group of its own session only.
  const session = census.sessionOf.get(group);
  const members = session === undefined ? undefined : census.membersOf.get(session);
  return (members ?? []).flatMap(({ pid }) => {
    const info = processInfo(pid);
    return info?.group === group ? [{ pid, ...info }] : [];
  });
}

/** More than the digits of a pid. */
const room = Buffer.allocUnsafeSlow(32);

/** The pid that the kernel has given away last, in our PID namespace (proc(5)); null where it does not tell. */
function lastPidGiven(): number | null {
  try {
    return Number(room.toString("latin1", 0, readInto(room, "/proc/sys/kernel/ns_last_pid")));
  } catch {
    return null;
  }
}

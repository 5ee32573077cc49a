import type { Snapshot } from "./json.ts";
import type { Kin, ProcessTable } from "./process-table.ts";

/** What a process uses, as far as `sv top` cares. */
export interface Load extends Kin {
  /** When it started, in clock ticks since boot. */
  readonly startTicks: number;
  /** Processor time in clock ticks, with that of all children that it has waited for. */
  readonly ticks: number;
  readonly residentPages: number;
}

/** What a service uses at one look, with all its processes. */
export interface Use {
  /** Of one processor; null at the first look. */
  readonly percent: number | null;
  readonly residentBytes: number;
  /** How many they are. */
  readonly processes: number;
}

/** A service as it was found at one look. */
export interface Looked {
  readonly snapshot: Snapshot;
  /** Null where nothing runs. */
  readonly use: Use | null;
}

/** What the next look is compared with. */
export interface Total {
  /** Which start of `./run` it is. */
  readonly start: string;
  readonly ticks: number;
  readonly atMillis: number;
}

/** What the process table measures in. */
export interface Units {
  readonly pageBytes: number;
  readonly tickMillis: number;
}

/**
 * What a service uses by now; null where none of its processes runs.
 *
 * The time of a process that has ended goes to the one that has waited for it, so the total of the whole tree only grows,
 * and processes that live between two looks count as well. It shrinks when one ends whose parent is outside: that counts
 * as nothing used.
 *
 * @param before the last look; null: there was none.
 */
export function measure(
  snapshot: Snapshot,
  processes: ProcessTable<Load>,
  before: Total | null,
  atMillis: number,
  { pageBytes, tickMillis }: Units,
): { readonly use: Use; readonly total: Total } | null {
  const members = processes.membersOf(snapshot);
  const [first] = members;
  if (first === undefined) return null;
  const start = `${first.pid} ${first.startTicks}`;
  const ticks = members.reduce((sum, one) => sum + one.ticks, 0);
  const pages = members.reduce((sum, one) => sum + one.residentPages, 0);
  const isSame = before?.start === start && atMillis > before.atMillis;
  const percent = isSame ? (Math.max(0, ticks - before.ticks) * tickMillis * 100) / (atMillis - before.atMillis) : null;
  return {
    use: { percent, residentBytes: pages * pageBytes, processes: members.length },
    total: { start, ticks, atMillis },
  };
}

import { tai64nText, unpackTai64n, type WallTime } from "@upkeep/supervise/core/tai64n";

/** What decides where one log ends and the next begins. */
export interface Limits {
  /** Largest size of a log; 0: any. */
  readonly size: number;
  /** Longest line that is kept in one piece, if the size allows. */
  readonly lineLength: number;
}

/** How far to write, and what then. */
export interface Cut {
  readonly end: number;
  /** `before`: there is no room; `after`: the log is full with this; `no`: neither. */
  readonly rotates: "before" | "after" | "no";
}

/**
 * Plans the next write, of `bytes` from `from` up to `to`, to a log that holds `held` bytes.
 *
 * A log ends behind the first line that brings it within one line's length of its size, so a line that is not too long
 * is never divided. A line that is too long is divided, so that no log gets larger than its size. If the size is less
 * than a line's length, only the second rule holds. These are runit's rules to the byte.
 */
export function nextCut({ size, lineLength }: Limits, held: number, bytes: Uint8Array, from: number, to: number): Cut {
  if (size === 0) return { end: to, rotates: "no" };
  if (held >= size) return { end: from, rotates: "before" };
  const room = from + size - held;
  if (size >= lineLength) {
    const wanted = size - lineLength - held;
    const search = Math.max(from, from + wanted - 1);
    const newline = search < to ? bytes.indexOf(10, search) : -1;
    if (newline !== -1 && newline < to && newline < room) return { end: newline + 1, rotates: "after" };
  }
  return { end: Math.min(to, room), rotates: "no" };
}

/** The length of the name of an old log: a label, a dot and a letter. */
const nameLength = 27;

/** An old log, by its name. */
export interface OldLog {
  readonly name: string;
  /** The time in the name, with the `@`. */
  readonly label: string;
  /** `s`: done; `u`: to be processed; `t`: its processor's output so far. */
  readonly state: string;
}

/** The old logs among the names of a directory, the oldest first. */
export function oldLogs(names: readonly string[]): readonly OldLog[] {
  return names
    .filter((name) => name.length === nameLength && name.startsWith("@"))
    .toSorted()
    .map((name) => ({ name, label: name.slice(0, 25), state: name.slice(26) }));
}

/** What decides which old logs are removed, beside their names. */
export interface PruneRequest {
  readonly keep: number;
  readonly totalSize: number;
  /** Label of the log that a processor works on: it stays. Null: there is none. */
  readonly inProcess: string | null;
  readonly sizeOf: (name: string) => number;
}

/** Plans what to remove, the oldest first: unfinished output of processors, and logs that are too many or too large. */
export function planPrune(logs: readonly OldLog[], request: PruneRequest): readonly OldLog[] {
  const isFree = (log: OldLog): boolean => log.label !== request.inProcess;
  const leftovers = logs.filter((log) => log.state === "t" && isFree(log));
  const kept = logs.filter((log) => log.state !== "t");
  const removed: OldLog[] = [];
  const removeWhile = (isTooMuch: () => boolean): void => {
    for (let at = 0; at < kept.length && isTooMuch();) {
      const log = kept[at];
      if (log !== undefined && isFree(log)) removed.push(...kept.splice(at, 1));
      else at++;
    }
  };
  if (request.keep > 0) removeWhile(() => kept.length > request.keep);
  if (request.totalSize > 0) {
    const sizes = new Map(kept.map((log) => [log, request.sizeOf(log.name)]));
    removeWhile(() => kept.reduce((sum, log) => sum + (sizes.get(log) ?? 0), 0) > request.totalSize);
  }
  return [...leftovers, ...removed];
}

/**
 * The label for a log that ends now. It is later than `latest`, the last one in the directory, whatever the clock says:
 * the order of names is the order of logs.
 */
export function nextLabel(now: WallTime, latest: string | null): string {
  const label = tai64nText(now);
  if (latest === null || label > latest) return label;
  const { seconds, nanoseconds } = timeOf(latest);
  const isLast = nanoseconds >= 999_999_000;
  return tai64nText({ seconds: seconds + (isLast ? 1 : 0), nanoseconds: isLast ? 0 : nanoseconds + 1000 });
}

/** The latest label among old logs, without those that no clock can have given; null when there is none. */
export function latestLabel(logs: readonly OldLog[]): string | null {
  return logs.findLast(({ label }) => /^@4000000[0-9a-f]{17}$/.test(label))?.label ?? null;
}

function timeOf(label: string): WallTime {
  return unpackTai64n(Uint8Array.from(label.slice(1).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

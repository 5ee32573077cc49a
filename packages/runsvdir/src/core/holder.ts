import { parseFields } from "@upkeep/supervise/core/json-fields";

/** Which process supervises a scan directory, in words that no later process fits. */
export interface Holder {
  readonly pid: number;
  /** When it started, in clock ticks since boot: tells it from a later process with its pid. */
  readonly startTicks: number;
  readonly bootId: string;
  /** Pids mean something only inside their namespace. */
  readonly pidNamespace: string;
}

/** The text of a holder record: one line of JSON. */
export function encodeHolder(holder: Holder): string {
  return `${JSON.stringify({ version: 1, ...holder })}\n`;
}

/** Reads a holder record; null when it is none, as after a full disk. */
export function decodeHolder(text: string): Holder | null {
  const { pid, startTicks, bootId, pidNamespace } = parseFields(text) ?? {};
  if (typeof pid !== "number" || typeof startTicks !== "number") return null;
  if (typeof bootId !== "string" || typeof pidNamespace !== "string") return null;
  return { pid, startTicks, bootId, pidNamespace };
}

/**
 * Whether the holder still runs, as far as `own` process can know. What another boot or another
 * container left behind does not count.
 *
 * @param startTicksOf when the process with a pid started; null when there is none.
 */
export function isAlive(holder: Holder, own: Holder, startTicksOf: (pid: number) => number | null): boolean {
  if (holder.bootId !== own.bootId || holder.pidNamespace !== own.pidNamespace) return false;
  if (holder.pid === own.pid) return false;
  return startTicksOf(holder.pid) === holder.startTicks;
}

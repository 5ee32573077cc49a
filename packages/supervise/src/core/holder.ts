import { parseFields } from "./json-fields.ts";

/** The process that supervises a scan directory, described so that no later process fits. */
export interface Holder {
  readonly pid: number;
  /** When it started, in clock ticks since boot: a later process with its pid started later. */
  readonly startTicks: number;
  readonly bootId: string;
  /** A pid means something in its namespace only. */
  readonly pidNamespace: string;
}

/** The text of a holder record: one line of JSON. */
export function encodeHolder(holder: Holder): string {
  return `${JSON.stringify({ version: 1, ...holder })}\n`;
}

/** Reads a holder record; null when the text is none, as after a full disk. */
export function decodeHolder(text: string): Holder | null {
  const { pid, startTicks, bootId, pidNamespace } = parseFields(text) ?? {};
  if (typeof pid !== "number" || typeof startTicks !== "number") return null;
  if (typeof bootId !== "string" || typeof pidNamespace !== "string") return null;
  return { pid, startTicks, bootId, pidNamespace };
}

/**
 * Whether the holder still runs, as far as our process can know. A record of another boot or another container does not
 * count.
 *
 * @param startTicksOf when the process with a pid started; null when there is none.
 */
export function isAlive(holder: Holder, own: Holder, startTicksOf: (pid: number) => number | null): boolean {
  if (holder.bootId !== own.bootId || holder.pidNamespace !== own.pidNamespace) return false;
  if (holder.pid === own.pid) return false;
  return startTicksOf(holder.pid) === holder.startTicks;
}

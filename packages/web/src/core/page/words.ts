import { duration, memory } from "@upkeep/client/core/amounts";
import type { Snapshot } from "@upkeep/client/core/json";
import type { Use } from "@upkeep/client/core/usage";
import { type LastEnd, timeOf } from "@upkeep/supervise/core/state-json";

/** Part of one processor: `0.3 %`; a dash where nothing runs or nobody has measured. */
export function percentText(use: Use | null): string {
  const percent = use?.percent ?? null;
  if (percent === null) return "–";
  return `${percent < 99.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** Memory of a service; a dash where nothing runs. */
export function memoryText(use: Use | null): string {
  return use === null ? "–" : memory(use.residentBytes);
}

/** How often a service was started again; a dash where that is not known. */
export function restartsText({ state }: Snapshot): string {
  const starts = "record" in state ? state.details.starts : null;
  return starts === null ? "–" : String(Math.max(0, starts - 1));
}

/** How a service ended last, and when: `exited 1, 3m05s ago`. Empty where none is known. */
export function lastEndWords({ state }: Snapshot, nowSeconds: number): string {
  const last = "record" in state ? state.details.lastExit : null;
  if (last === null) return "";
  const at = timeOf(last.at);
  return at === null ? endWords(last) : `${endWords(last)}, ${duration(nowSeconds - at.seconds)} ago`;
}

/** Names of signals by their numbers, as every Linux that is supported has them. */
const signals: Readonly<Record<number, string>> = {
  1: "HUP",
  2: "INT",
  3: "QUIT",
  4: "ILL",
  6: "ABRT",
  7: "BUS",
  8: "FPE",
  9: "KILL",
  10: "USR1",
  11: "SEGV",
  12: "USR2",
  13: "PIPE",
  14: "ALRM",
  15: "TERM",
};

/** How `./run` ended. */
export function endWords({ code, signal, core }: LastEnd): string {
  if (signal !== null) return `killed by ${signals[signal] ?? `signal ${signal}`}${core ? ", core dumped" : ""}`;
  return code === null ? "ended" : `exited ${code}`;
}

/** How long a run lasted: `20 ms`, `3m05s`. */
export function ranWords(millis: number): string {
  return millis < 1000 ? `${millis} ms` : duration(millis / 1000);
}

import { fieldsOf, numberOf, parseFields, textOf } from "./json-fields.ts";
import type { LastEnd } from "./state-json.ts";

// The one codec of `supervise/history.json`. docs/supervise-directory.md describes it.

/** Version of the schema. Within a version fields are only added. */
const version = 1;

/** How many ends are kept. */
const historyLength = 20;

/** An end of `./run` of which there is a record. */
export interface RecordedEnd extends LastEnd {
  /** Whether it had been ready. */
  readonly ready: boolean;
}

/** The text of the file: the ends, the last one first, each on a line. */
export function encodeHistory(ends: readonly RecordedEnd[]): string {
  const lines = ends.slice(0, historyLength).map((end) => `\n${JSON.stringify(end)}`);
  return `{"version":${version},"ends":[${lines.join(",")}\n]}\n`;
}

/** Reads the text of the file, the last end first; none where it is none, or of another version. */
export function decodeHistory(text: string): readonly RecordedEnd[] {
  const found = parseFields(text);
  if (found === null || found["version"] !== version || !Array.isArray(found["ends"])) return [];
  return found["ends"].slice(0, historyLength).flatMap((value: unknown) => {
    const fields = fieldsOf(value);
    if (fields === null) return [];
    const { code, signal, core, at, ranMillis, ready } = fields;
    const end = { code: numberOf(code), signal: numberOf(signal), core: core === true, at: textOf(at) };
    return [{ ...end, ranMillis: numberOf(ranMillis) ?? 0, ready: ready === true }];
  });
}

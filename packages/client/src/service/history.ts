import type { Stats } from "node:fs";

import { readFile } from "@upkeep/linux/fd/files";
import { decodeHistory, type RecordedEnd } from "@upkeep/supervise/core/history";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";

/** The last ends of the service at `path`, the last one first; none where there is no record, as below runit's runsv. */
export function readHistory(path: string): readonly RecordedEnd[] {
  return decodeHistory(readSupervised(path, "history.json")?.text ?? "");
}

/** What the last start wrote that failed. */
export interface LastWords {
  readonly lines: readonly string[];
  /** When it ended, in ms since 1970. */
  readonly at: number;
}

/** Null where there is no record. */
export function readLastWords(path: string): LastWords | null {
  const found = readSupervised(path, "last-words");
  if (found === null) return null;
  return { lines: found.text.replace(/\n$/, "").split("\n"), at: found.changed };
}

function readSupervised(path: string, file: string): { readonly text: string; readonly changed: number } | null {
  try {
    let changed = 0;
    const accepts = ({ mtimeMs }: Stats): boolean => (changed = mtimeMs) > 0;
    const text = readFile(`${supervisePath(path)}/${file}`, { accepts }).toString("utf8");
    return { text, changed };
  } catch {
    return null;
  }
}

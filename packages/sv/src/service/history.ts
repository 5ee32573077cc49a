import { readWithoutWaiting } from "@upkeep/linux/fd/files";
import { decodeHistory, type RecordedEnd } from "@upkeep/supervise/core/history";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";

/** The last ends of the service at `path`, the last one first; none where there is no record, as below runit's runsv. */
export function readHistory(path: string): readonly RecordedEnd[] {
  return decodeHistory(readSupervised(path, "history.json") ?? "");
}

/** What the last start that failed wrote at its end; null where there is no record. */
export function readLastWords(path: string): string | null {
  return readSupervised(path, "last-words");
}

function readSupervised(path: string, file: string): string | null {
  try {
    return readWithoutWaiting(`${supervisePath(path)}/${file}`).toString("utf8");
  } catch {
    return null;
  }
}

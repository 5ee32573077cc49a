import type { Entry, EnvironmentFile, Outcome } from "./model.ts";
import { became, lost } from "./outcome.ts";

/** Lines that mean the same to sh(1) as to those who read such files themselves. */
const plainLine = /^\s*(#.*|(export\s+)?[A-Za-z_]\w*=([\w@%+=:,./-]*|'[^']*'|"[^"$`\\]*")\s*)?$/;

/** What becomes of a file of variables: sh(1) reads it, unless a line would mean something else to it. */
export function environmentFileOutcome(path: string, text: string | null): { isRead: boolean; outcome: Outcome } {
  const line = text === null ? null : firstOddLine(text);
  if (line === null) return { isRead: true, outcome: became(`run: . ${path}, at each start`) };
  return {
    isRead: false,
    outcome: lost(
      `the file is not read: line ${line} would mean something else to sh`,
      "put values with blanks or $ in single quotes, and import again",
    ),
  };
}

/** The number of the first line that sh(1) would read in its own way. */
function firstOddLine(text: string): number | null {
  if (text.includes("\r")) return 1;
  const at = text.split("\n").findIndex((line) => !plainLine.test(line));
  return at === -1 ? null : at + 1;
}

/** A file that lies beside the source. */
export interface Beside {
  readonly path: string;
  readonly text: string;
}

/** What becomes of the `.env` beside a source, which is read without being named. */
export function dotEnv(beside: Beside | null): {
  readonly files: readonly EnvironmentFile[];
  readonly entries: readonly Entry[];
} {
  if (beside === null) return { files: [], entries: [] };
  const { path, text } = beside;
  const { isRead, outcome } = environmentFileOutcome(path, text);
  const place = { file: path, line: firstOddLine(text) ?? 1 };
  return {
    files: isRead ? [{ path: [path], optional: false }] : [],
    entries: [{ program: null, key: ".env", value: path, place, outcome }],
  };
}

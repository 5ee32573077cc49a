import type { Place } from "../model.ts";

/** An assignment of a unit file. */
export interface UnitLine {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly place: Place;
}

/** A unit file, or one of its drop-ins. */
export interface UnitFile {
  readonly lines: readonly UnitLine[];
  readonly problems: readonly { readonly place: Place; readonly text: string }[];
}

/** A backslash at the end, which is not itself behind a backslash. */
const continues = /(?<!\\)(?:\\\\)*\\$/;

/**
 * Reads a unit file as systemd.syntax(7) says: keys with their case, comments only at the beginning of a line, a
 * backslash at the end of a line for a blank and the next line, and comments in between.
 */
export function readUnit(text: string, file: string): UnitFile {
  const lines: UnitLine[] = [];
  const problems: { place: Place; text: string }[] = [];
  let section: string | null = null;
  let begun: { text: string; line: number } | null = null;
  for (const [index, raw] of text.split(/\r\n|\n/).entries()) {
    if (/^\s*[#;]/.test(raw)) continue;
    const whole: string = (begun?.text ?? "") + raw;
    const line: number = begun?.line ?? index + 1;
    if (continues.test(whole)) {
      begun = { text: `${whole.slice(0, -1)} `, line };
      continue;
    }
    begun = null;
    const content = whole.trim();
    const place = { file, line };
    if (content === "") continue;
    const header = /^\[(.+)\]$/.exec(content)?.[1];
    const at = content.indexOf("=");
    if (header !== undefined) section = header;
    else if (at < 1) problems.push({ place, text: "is neither a section nor a key with a value" });
    else if (section === null) problems.push({ place, text: "stands before the first section" });
    else lines.push({ section, key: content.slice(0, at).trim(), value: content.slice(at + 1).trim(), place });
  }
  return { lines, problems };
}

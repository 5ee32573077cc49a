import type { ByteText } from "@upkeep/linux/core/byte-text";

/** A variable to set, or to remove if the value is null. */
export interface Change {
  readonly name: ByteText;
  readonly value: ByteText | null;
}

/** The value of a variable; null when it is not set. */
export function valueOf(entries: readonly ByteText[], name: ByteText): ByteText | null {
  return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
}

/** Applies changes to the `NAME=value` entries of an environment; later ones replace earlier ones. */
export function changeEnvironment(entries: readonly ByteText[], changes: readonly Change[]): readonly ByteText[] {
  let changed = entries;
  for (const { name, value } of changes) {
    // A name may hold "=". What stands before the first one is the name that is replaced.
    const entry = value === null ? name : `${name}=${value}`;
    const end = entry.indexOf("=");
    const start = `${end === -1 ? entry : entry.slice(0, end)}=`;
    const others = changed.filter((other) => !other.startsWith(start));
    changed = end === -1 ? others : [...others, entry];
  }
  return changed;
}

/** The variable from a file in an environment directory: its value is the first line, without blanks at the end. */
export function changeOfFile(name: ByteText, content: ByteText): Change {
  if (content === "") return { name, value: null };
  const [line = ""] = content.split("\n", 1);
  return { name, value: line.replace(/[ \t]+$/, "").replaceAll("\0", "\n") };
}

import { type ByteText, bytesOf } from "@upkeep/linux/core/byte-text";

/** An environment, in the order in which its variables came. */
export type Variables = ReadonlyMap<ByteText, ByteText>;

/** The variables of the user that a program runs as. The shared files never hold them, nor take them from this process. */
const personal: ReadonlySet<ByteText> = new Set(["HOME", "USER", "GROUP", "UID", "GID", "SHELL"]);

export function isPersonal(name: ByteText): boolean {
  return personal.has(name);
}

/** Splits `NAME=value` entries. If a name comes twice, the first counts, as for getenv(3). */
export function variablesOf(entries: readonly ByteText[]): Variables {
  const found = new Map<ByteText, ByteText>();
  for (const entry of entries) {
    const end = entry.indexOf("=");
    if (end > 0 && !found.has(entry.slice(0, end))) found.set(entry.slice(0, end), entry.slice(end + 1));
  }
  return found;
}

export function entriesOf(variables: Variables): readonly ByteText[] {
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

/** The value in a file: its content without one newline at the end. A variable cannot hold a NUL, which becomes a newline. */
export function valueOfFile(content: ByteText): ByteText {
  return content.replace(/\n$/, "").replaceAll("\0", "\n");
}

/** The content of a file that has this value. The reader removes one newline, so a value that ends with one gets another. */
export function fileOfValue(value: ByteText): ByteText {
  return value.endsWith("\n") ? `${value}\n` : value;
}

/** After the first reading of the directory: variables that are set already win. */
export function addMissing(own: Variables, files: Variables): Variables {
  return new Map([...own, ...[...files].filter(([name]) => !own.has(name))]);
}

/**
 * After a later reading: the variables are those of the directory, and those that were never in it, because they are the
 * user's or because they could not be written (`unwritten`).
 *
 * @param before what the directory held at first. An unwritten variable wins over a file that still has its first content.
 */
export function replaceBy(
  own: Variables,
  files: Variables,
  unwritten: ReadonlySet<ByteText>,
  before: Variables,
): Variables {
  const kept = [...own].filter(([name]) => isPersonal(name) || unwritten.has(name));
  const changed = [...files].filter(([name, value]) => !unwritten.has(name) || before.get(name) !== value);
  return new Map([...kept, ...changed]);
}

/** The variables that need a file, or a new one. */
export function variablesForFiles(own: Variables, files: Variables): Variables {
  return new Map([...own].filter(([name, value]) => !isPersonal(name) && files.get(name) !== value));
}

/** Whether a file can have this name. */
export function isFileName(name: ByteText): boolean {
  return name !== "." && name !== ".." && !name.includes("/");
}

/** The variables as lines for a shell to read. */
export function renderShell(variables: Variables): ByteText {
  const lines = [...variables].filter(([name]) => !isPersonal(name));
  return lines.map(([name, value]) => `export ${shellName(name)}=${quote(value)}\n`).join("");
}

/** A shell stops reading at a name that it does not allow. */
function shellName(name: ByteText): ByteText {
  return name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
}

function quote(value: ByteText): ByteText {
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

/** The variables as one JSON object in ASCII. As in Python, a byte that is not UTF-8 becomes a surrogate, U+DC80 to U+DCFF. */
export function renderJson(variables: Variables): string {
  const members = [...variables].map(([name, value]) => `${jsonString(name)}: ${jsonString(value)}`);
  return `{${members.join(", ")}}`;
}

function jsonString(text: ByteText): string {
  const quoted = JSON.stringify(decode(text));
  return quoted.replace(/[\u007f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** ASCII, a sequence of UTF-8 (Unicode, table 3-7), or any other byte. */
const sequences =
  // oxlint-disable-next-line no-control-regex -- it looks for bytes
  /([\x00-\x7f]+)|((?:[\xc2-\xdf]|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]|\xf0[\x90-\xbf][\x80-\xbf]|[\xf1-\xf3][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf])[\x80-\xbf])|([\x80-\xff])/g;

/** A U+FEFF at the beginning is part of the text. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function decode(text: ByteText): string {
  return text.replace(sequences, (all: string, ascii: string | undefined, sequence: string | undefined) => {
    if (ascii !== undefined) return all;
    if (sequence === undefined) return String.fromCharCode(0xdc00 + all.charCodeAt(0));
    return utf8.decode(bytesOf(sequence));
  });
}

/** Sets HOME to what `find` returns, where it is missing. */
export function withHome(variables: Variables, find: () => ByteText): Variables {
  return variables.has("HOME") ? variables : new Map([...variables, ["HOME", find()]]);
}

/** Owner, group and mode of a file. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** The ownership of a file with all variables: as it was, or else for its owner and the group `docker_env`, if there is one. */
export function ownershipOf(
  present: Ownership | null,
  own: Omit<Ownership, "mode">,
  dockerEnv: number | null,
): Ownership {
  return present ?? { mode: 0o640, uid: own.uid, gid: dockerEnv ?? own.gid };
}

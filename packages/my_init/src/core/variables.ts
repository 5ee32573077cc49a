import { type ByteText, bytesOf } from "@upkeep/linux/core/byte-text";

/** An environment, in the order in which its variables came. */
export type Variables = ReadonlyMap<ByteText, ByteText>;

/**
 * What belongs to the user that a program runs as: never in the files that are for everybody, and never taken from
 * this process by them.
 */
const personal: ReadonlySet<ByteText> = new Set(["HOME", "USER", "GROUP", "UID", "GID", "SHELL"]);

export function isPersonal(name: ByteText): boolean {
  return personal.has(name);
}

/** Takes `NAME=value` entries apart; of a name that comes twice the first counts, as for getenv(3). */
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

/** The value that a file stands for: all of it but one newline at the end. No variable can hold a NUL; it becomes a newline. */
export function valueOfFile(content: ByteText): ByteText {
  return content.replace(/\n$/, "").replaceAll("\0", "\n");
}

/** The first look into the directory: what is set already wins. */
export function addMissing(own: Variables, files: Variables): Variables {
  return new Map([...own, ...[...files].filter(([name]) => !own.has(name))]);
}

/**
 * A later look: what the directory holds is all there is, but for what never was in it, because it belongs to the user
 * or because it could not be written (`unwritten`).
 *
 * @param before what the directory held at first: what could not be written there goes before it.
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

/** The variables that get a file each. */
export function variablesForFiles(own: Variables, files: Variables): Variables {
  return new Map([...own].filter(([name, value]) => !isPersonal(name) && files.get(name) !== value));
}

/** Whether a file can have that name. */
export function isFileName(name: ByteText): boolean {
  return name !== "." && name !== ".." && !name.includes("/");
}

/** The variables as lines for a shell to read. */
export function renderShell(variables: Variables): ByteText {
  const lines = [...variables].filter(([name]) => !isPersonal(name));
  return lines.map(([name, value]) => `export ${shellName(name)}=${quote(value)}\n`).join("");
}

/** A shell that is given another name stops reading there. */
function shellName(name: ByteText): ByteText {
  return name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
}

function quote(value: ByteText): ByteText {
  return `'${value.replaceAll("'", `'"'"'`)}'`;
}

/** The variables as one JSON object in ASCII; a byte that is not UTF-8 is the surrogate that Python makes of it, U+DC80 to U+DCFF. */
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

/** The sequences of UTF-8 (Unicode, table 3-7), then any other byte. */
const sequences =
  // oxlint-disable-next-line no-control-regex -- bytes are what it looks for
  /([\x00-\x7f]+)|((?:[\xc2-\xdf]|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]|\xf0[\x90-\xbf][\x80-\xbf]|[\xf1-\xf3][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf])[\x80-\xbf])|([\x80-\xff])/g;

const utf8 = new TextDecoder();

function decode(text: ByteText): string {
  return text.replace(sequences, (all: string, ascii: string | undefined, sequence: string | undefined) => {
    if (ascii !== undefined) return all;
    if (sequence === undefined) return String.fromCharCode(0xdc00 + all.charCodeAt(0));
    return utf8.decode(bytesOf(sequence));
  });
}

/** Sets HOME where it is missing, to what `find` finds, and leaves it alone otherwise. */
export function withHome(variables: Variables, find: () => ByteText): Variables {
  return variables.has("HOME") ? variables : new Map([...variables, ["HOME", find()]]);
}

/** Whose a file is and who may do what with it. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whose a file with everything in it is to be: as it was, which somebody may have wanted so, or else for its owner and
 * the group `docker_env`, where there is one.
 */
export function ownershipOf(
  present: Ownership | null,
  own: Omit<Ownership, "mode">,
  dockerEnv: number | null,
): Ownership {
  return present ?? { mode: 0o640, uid: own.uid, gid: dockerEnv ?? own.gid };
}

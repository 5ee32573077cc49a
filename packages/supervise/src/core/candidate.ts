import { textOf } from "@upkeep/linux/core/byte-text";

/** A directory that may hold the state of services whose own directories cannot be written to. */
export interface Candidate {
  readonly path: string;
  /**
   * Who may own it. `named`: anybody, since the operator has named it. `system`: root or this user. `private`: this
   * user, and nobody else may have access, because it is in a directory where everybody can make one.
   */
  readonly kind: "named" | "system" | "private";
}

/** What decides whether a directory can be trusted; numbers as from lstat(2). */
export interface PlaceFacts {
  readonly isDirectory: boolean;
  readonly uid: number;
  readonly mode: number;
}

/** Bytes that one name of a path takes at most; the file systems' limit is 255. */
const longestName = 200;

const othersMayWrite = 0o022;
const othersMayAnything = 0o077;
const sticky = 0o1000;

/**
 * The places for state that is not in the service directory, in the order of the search: `$UPKEEP_RUNDIR`, if it is an
 * absolute path; `/run/upkeep`; `upkeep-UID` in `$TMPDIR`, or in /tmp.
 */
export function candidatesOf(
  environment: Readonly<Record<string, string | undefined>>,
  uid: number,
): readonly Candidate[] {
  const named = environment["UPKEEP_RUNDIR"] ?? "";
  const temporary = environment["TMPDIR"] ?? "";
  return [
    ...(named.startsWith("/") ? [{ path: named, kind: "named" } as const] : []),
    { path: "/run/upkeep", kind: "system" },
    { path: `${temporary.startsWith("/") ? temporary : "/tmp"}/upkeep-${uid}`, kind: "private" },
  ];
}

/**
 * The directory below a candidate that stands for a service directory. Its name is the absolute path of the latter,
 * without links, in which `%XX` stands for each byte that is no letter, no digit and none of `_ . -`. A name that would be
 * too long goes on in further levels.
 *
 * @returns each level, outermost first; the last one holds `supervise`.
 */
export function placeOf(directory: Uint8Array, { path }: Candidate): readonly string[] {
  const name = textOf(directory).replace(/[^\w.-]/g, escapeByte);
  const levels: string[] = [];
  for (let at = 0; at < name.length; at += longestName) {
    levels.push(`${levels.at(-1) ?? path}/${name.slice(at, at + longestName)}`);
  }
  return levels;
}

function escapeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** Whether a candidate can be trusted. */
export function isTrustedCandidate({ kind }: Candidate, { isDirectory, uid, mode }: PlaceFacts, user: number): boolean {
  if (!isDirectory) return false;
  switch (kind) {
    case "named":
      return true;
    case "system":
      return (uid === user || uid === 0) && ((mode & othersMayWrite) === 0 || (mode & sticky) !== 0);
    case "private":
      return uid === user && (mode & othersMayAnything) === 0;
    default:
      return kind satisfies never;
  }
}

/** Whether a level of a place can be trusted. `isOwn`: only if it is this user's, who wants to write there. */
export function isTrustedPlace({ isDirectory, uid, mode }: PlaceFacts, user: number, isOwn: boolean): boolean {
  return isDirectory && (uid === user || (uid === 0 && !isOwn)) && (mode & othersMayWrite) === 0;
}

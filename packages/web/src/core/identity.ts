import { Buffer } from "node:buffer";

import { bytesOfName, nameOf } from "@upkeep/linux/core/name-text";

/** Characters that stand for themselves in a segment of a path. Source: RFC 3986, unreserved. */
const unreserved = /[A-Za-z0-9._~-]/;

/** A name text as one segment of a path: `%XX` for each byte that is not unreserved. */
function segmentOf(name: string): string {
  let segment = "";
  for (const byte of bytesOfName(name)) {
    const character = String.fromCharCode(byte);
    segment += unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return segment;
}

/** The name text of a segment of a path; null where it is not encoded well, or holds what no name can: `/` or a zero byte. */
function nameOfSegment(segment: string): string | null {
  const bytes: number[] = [];
  for (let at = 0; at < segment.length; at++) {
    const code = segment.charCodeAt(at);
    if (code !== 0x25) {
      // A client may send bytes as they are, which the runtimes decode as Latin-1.
      if (code > 0xff) return null;
      bytes.push(code);
      continue;
    }
    const digits = segment.slice(at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return null;
    bytes.push(Number.parseInt(digits, 16));
    at += 2;
  }
  if (bytes.includes(0) || bytes.includes(0x2f)) return null;
  return nameOf(Buffer.from(bytes));
}

/** The id of a service: see {@link ServiceEntry.id}. */
export function idOf(label: string | null, name: string): string {
  return label === null ? segmentOf(name) : `${segmentOf(label)}:${segmentOf(name)}`;
}

/**
 * The id that a segment of a path means, however it is encoded: `/services/a%62` is `/services/ab`. Null where it means none.
 *
 * @param hasLabels whether several directories are shown. A label holds no colon as it is encoded, but a name may.
 */
export function idOfSegment(segment: string, hasLabels: boolean): string | null {
  const colon = hasLabels ? segment.indexOf(":") : -1;
  if (hasLabels && colon === -1) return null;
  const label = hasLabels ? nameOfSegment(segment.slice(0, colon)) : null;
  const name = nameOfSegment(segment.slice(colon + 1));
  if (name === null || name === "" || (hasLabels && label === null)) return null;
  return idOf(label, name);
}

/**
 * Short names for scan directories, all different: the last part of each path; `-2` and so on behind one that is there
 * already. Of one directory alone: null.
 *
 * @param paths absolute ones, as name texts.
 */
export function labelsOf(paths: readonly string[]): readonly (string | null)[] {
  if (paths.length === 1) return [null];
  const taken = new Set<string>();
  return paths.map((path) => {
    const last = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
    const wish = last === "" ? "root" : last;
    let label = wish;
    for (let count = 2; taken.has(label); count++) label = `${wish}-${count}`;
    taken.add(label);
    return label;
  });
}

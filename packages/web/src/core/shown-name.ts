import { harmless } from "@upkeep/program/core/one-line";

/** A name that is not UTF-8 has `\xff` for such a byte. Two names stay two. */
export function wellFormed(name: string): string {
  if (name.isWellFormed()) return name;
  return Array.from(name, (character) =>
    character.isWellFormed() ? character : `\\x${(character.charCodeAt(0) & 0xff).toString(16)}`,
  ).join("");
}

/** A name, or a line with one, for people: no byte of it is lost on the way, and none commands a terminal. */
export function shownName(name: string): string {
  return harmless(wellFormed(name));
}

/**
 * JSON whose strings have `\\xff` for each byte that is not UTF-8: a browser would show the same sign for all of them. In
 * JSON such a byte is the escape of half a character, from `\\udc80` on.
 */
export function wellFormedJson(json: string): string {
  return json.replace(/(?<!\\)((?:\\\\)*)\\udc([89a-f][0-9a-f])/g, "$1\\\\x$2");
}

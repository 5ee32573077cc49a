import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Stats } from "node:fs";

import { readFile } from "@upkeep/linux/fd/files";
import { SystemError } from "@upkeep/linux/core/errno";
import { FatalError } from "@upkeep/program/process/run-program";

/** What proves that somebody may ask. */
export interface Token {
  /** Whether this is the token. It takes as long for any other. */
  isToken(text: string): boolean;
  /** What the cookie of a session holds. Nobody can make the token of it, and another token makes another one. */
  readonly cookie: string;
  isCookie(text: string): boolean;
}

/** Characters: fewer can be guessed. */
const shortest = 16;
const othersMayRead = 0o004;

/** Reads a token from a file, which not everybody may read. Throws {@link FatalError}. */
export function readToken(file: string): Token {
  let mode = 0;
  const accepts = (found: Stats): boolean => {
    ({ mode } = found);
    return true;
  };
  let text: string;
  try {
    text = readFile(file, { mayBeLink: true, mayBeAnything: true, accepts, limit: 4096 }).toString("utf8").trim();
  } catch (error) {
    throw new FatalError(SystemError.from(`read ${file}`, error).message, null);
  }
  if ((mode & othersMayRead) !== 0) throw new FatalError(`${file}: everybody may read it: chmod o-r`, null);
  if (text.length < shortest) throw new FatalError(`${file}: a token has ${shortest} characters at least`, null);
  if (!/^[\x21-\x7e]+$/.test(text)) throw new FatalError(`${file}: a token has no blanks and is ASCII`, null);
  return tokenOf(text);
}

/** A token that nobody can guess, as text. */
export function makeToken(): string {
  return randomBytes(24).toString("base64url");
}

export function tokenOf(token: string): Token {
  // Only digests are compared: they have one length, whatever was sent.
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac("sha256", key).update(text).digest();
  const expected = digest(token);
  const cookie = createHmac("sha256", token).update("upkeep web session").digest("base64url");
  const expectedCookie = digest(cookie);
  return {
    cookie,
    isToken: (text) => timingSafeEqual(digest(text), expected),
    isCookie: (text) => timingSafeEqual(digest(text), expectedCookie),
  };
}

import { Buffer } from "node:buffer";

import { errno, SystemError } from "@upkeep/linux/core/errno";

/**
 * Bytes as a string with one character for each, U+0000 to U+00FF.
 *
 * Arguments, names and values need not be UTF-8, and are handed on as they came; as strings they can
 * be looked at and put together.
 */
export type ByteText = string;

export function textOf(bytes: Uint8Array): ByteText {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, "latin1");
}

/** The bytes and a final NUL. */
export function cStringOf(text: ByteText): Uint8Array {
  return bytesOf(`${text}\0`);
}

/** The bytes of a path for node:fs. Throws {@link SystemError} for an empty one, which Bun takes for a mistake of ours. */
export function pathOf(text: ByteText): Buffer {
  if (text === "") throw new SystemError("use the empty path", errno.ENOENT);
  return bytesOf(text);
}

import { type ByteText, bytesOf } from "@upkeep/linux/core/byte-text";
import { errno, SystemError } from "@upkeep/linux/core/errno";

/** The bytes and a final NUL. */
export function cStringOf(text: ByteText): Uint8Array {
  return bytesOf(`${text}\0`);
}

/** The bytes of a path for node:fs. Throws {@link SystemError} for an empty one, which Bun takes for a mistake of ours. */
export function pathOf(text: ByteText): Buffer {
  if (text === "") throw new SystemError("use the empty path", errno.ENOENT);
  return bytesOf(text);
}

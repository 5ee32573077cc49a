import { Buffer } from "node:buffer";

import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";

const pointerSize = 8;

/** A null-terminated array of C strings, in memory that C owns until {@link StringVector.free}. */
export interface StringVector {
  readonly address: number;
  free(): void;
}

/**
 * Lays out strings for execve, in one block: an array of pointers that ends with a null pointer, then the bytes of all
 * strings. Throws {@link SystemError} ENOMEM.
 */
export function allocateVector(strings: readonly Uint8Array[]): StringVector {
  const pointersSize = (strings.length + 1) * pointerSize;
  const size = strings.reduce((sum, text) => sum + text.length + 1, pointersSize);
  const base = libc.malloc(size);
  if (base === 0) throw new SystemError("allocate memory", errno.ENOMEM);
  const block = Buffer.alloc(size);
  let slot = 0;
  let at = pointersSize;
  for (const text of strings) {
    block.writeBigUInt64LE(BigInt(base + at), slot);
    block.set(text, at);
    slot += pointerSize;
    at += text.length + 1;
  }
  libc.memcpy(base, block, size);
  return { address: base, free: () => libc.free(base) };
}

import { Buffer } from "node:buffer";

import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";

const pointerSize = 8;

/** Addresses of null-terminated arrays of C strings, in memory that C owns until {@link StringVectors.free}. */
export interface StringVectors {
  readonly addresses: readonly number[];
  free(): void;
}

/**
 * Lays out lists of strings for execve, in one block: for each list an array of pointers that ends with a null pointer,
 * then the bytes of all strings. Throws {@link SystemError} ENOMEM.
 */
export function allocateVectors(...lists: readonly (readonly Uint8Array[])[]): StringVectors {
  const pointers = lists.reduce((sum, list) => sum + list.length + 1, 0);
  const size = lists.flat().reduce((sum, text) => sum + text.length + 1, pointers * pointerSize);
  const base = libc.malloc(size);
  if (base === 0) throw new SystemError("allocate memory", errno.ENOMEM);
  const block = Buffer.alloc(size);
  const addresses: number[] = [];
  let slot = 0;
  let at = pointers * pointerSize;
  for (const list of lists) {
    addresses.push(base + slot);
    for (const text of list) {
      block.writeBigUInt64LE(BigInt(base + at), slot);
      block.set(text, at);
      slot += pointerSize;
      at += text.length + 1;
    }
    slot += pointerSize;
  }
  libc.memcpy(base, block, size);
  return { addresses, free: () => libc.free(base) };
}

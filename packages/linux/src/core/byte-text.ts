import { Buffer } from "node:buffer";

/**
 * Bytes as a string with one character for each, U+0000 to U+00FF.
 *
 * Arguments, names and values need not be UTF-8. Such a string can be searched and joined like any other, and loses no
 * byte.
 */
export type ByteText = string;

export function textOf(bytes: Uint8Array): ByteText {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, "latin1");
}

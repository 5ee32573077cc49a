import { Buffer } from "node:buffer";

/** The bytes of a C string: UTF-8 and a final NUL. */
export function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, "utf8");
}

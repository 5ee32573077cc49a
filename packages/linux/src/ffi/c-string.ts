import { Buffer } from "node:buffer";

/** The bytes of a C string, with its final NUL; a text is UTF-8. */
export function cString(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? Buffer.from(`${text}\0`, "utf8") : Buffer.concat([text, Buffer.alloc(1)]);
}

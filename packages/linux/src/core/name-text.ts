import { Buffer } from "node:buffer";

// A name of a file may hold bytes that are not UTF-8, and the runtimes would turn them into U+FFFD. In a name text such a
// byte stands as the lone surrogate U+DC00 plus the byte, which no text from UTF-8 has. Any other name is plain text.

const lone = 0xdc00;
const replacement = "\ufffd";

/** The text of a name, from which {@link bytesOfName} makes the same bytes again. */
export function nameOf(bytes: Uint8Array): string {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = whole.toString("utf8");
  if (!text.includes(replacement)) return text;
  let name = "";
  for (let at = 0; at < whole.length;) {
    const character = [1, 2, 3, 4].map((length) => whole.subarray(at, at + length)).find(isCharacter);
    name += character?.toString("utf8") ?? String.fromCharCode(lone + (whole[at] ?? 0));
    at += character?.length ?? 1;
  }
  return name;
}

/** Whether these bytes are one character of UTF-8. */
function isCharacter(bytes: Buffer): boolean {
  const text = bytes.toString("utf8");
  return Array.from(text).length === 1 && Buffer.from(text, "utf8").equals(bytes);
}

/** The bytes of a text: UTF-8, with the bytes that {@link nameOf} has kept. */
export function bytesOfName(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  return Buffer.concat(
    Array.from(text, (character) =>
      character.isWellFormed() ? Buffer.from(character, "utf8") : Buffer.of(character.charCodeAt(0) & 0xff),
    ),
  );
}

/** A path as node:fs takes it. */
export function pathOfName(text: string): string | Buffer {
  return text.isWellFormed() ? text : bytesOfName(text);
}

/** Keeps a message in one line, whatever names are in it: control characters are shown as `\x0a`. */
export function oneLine(message: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return message.replace(/[\x00-\x1f\x7f]/g, escapeCharacter);
}

/**
 * The same for decoded text, where U+0080 to U+009F are control characters as well, which terminals obey. In text with
 * one character for each byte, these are parts of other characters.
 */
export function harmless(text: string): string {
  return oneLine(text).replace(/[\x80-\x9f]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

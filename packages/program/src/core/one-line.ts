/** A message stays one line whatever names it holds: control characters are shown as `\x0a`. */
export function oneLine(message: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return message.replace(/[\x00-\x1f\x7f]/g, escapeCharacter);
}

/**
 * Likewise of decoded text, where those from 0x80 on are control characters, too: terminals obey them. In text that
 * has a character for each byte they belong to longer ones.
 */
export function harmless(text: string): string {
  return oneLine(text).replace(/[\x80-\x9f]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

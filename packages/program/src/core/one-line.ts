/**
 * Text of others for a terminal, in one line: a control character is shown as `\x0a`. Those beyond ASCII count as well:
 * U+0080 to U+009F are control characters, U+2028 and U+2029 end lines, and the embeddings and isolates of bidirectional
 * text make a line look like another one. A byte that is not UTF-8 stays. The text must be decoded: in one with a
 * character for each byte, some of these characters are parts of others.
 */
export function harmless(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, escapeCharacter);
}

/** The same for each line of a text of several. */
export function harmlessLines(text: string): string {
  return text.split("\n").map(harmless).join("\n");
}

/** The same for JSON, whose own escapes say everything but what follows the first 32 characters. */
export function harmlessJson(json: string): string {
  return json.replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code}` : `\\x${code.padStart(2, "0")}`;
}

/** Keeps a message in one line, whatever names are in it: control characters are shown as `\x0a`. */
export function oneLine(message: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return message.replace(/[\x00-\x1f\x7f]/g, escapeCharacter);
}

/**
 * The same for decoded text, in which terminals obey more characters: U+0080 to U+009F are control characters, U+2028
 * and U+2029 end lines, and the embeddings and isolates of bidirectional text make a line look like another one. In text
 * with one character for each byte, the first of these are parts of other characters. A byte that is not UTF-8 stays.
 */
export function harmless(text: string): string {
  return oneLine(text).replace(/[\x80-\x9f\u2028-\u202e\u2066-\u2069]/g, escapeCharacter);
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

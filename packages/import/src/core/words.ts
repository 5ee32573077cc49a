/** A word of a command line: literal text, and what is known only when the service starts. */
export type Word = readonly (string | Expansion)[];

/** A variable of the environment, or the name of the machine. */
export type Expansion = { readonly kind: "variable"; readonly name: string } | { readonly kind: "hostname" };

/** Characters that no shell gives a meaning to, wherever they stand in a word behind the first one. */
const plain = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** The word as it is written in a script for sh(1): it arrives as it was, whatever it holds but NUL. */
export function shellWord(word: Word): string {
  const whole = word.every((part) => typeof part === "string") ? word.join("") : null;
  if (whole !== null) return plain.test(whole) ? whole : `'${whole.replaceAll("'", `'\\''`)}'`;
  return `"${word.map(inDoubleQuotes).join("")}"`;
}

/** A line of words. */
export function shellWords(words: readonly Word[]): string {
  return words.map(shellWord).join(" ");
}

/** For people: expansions by their names. */
export function describeWord(word: Word): string {
  return word.map((part) => (typeof part === "string" ? part : describeExpansion(part))).join("");
}

/** A variable that is not set is an error of the start, not an empty text. */
function inDoubleQuotes(part: string | Expansion): string {
  if (typeof part === "string") return part.replaceAll(/["\\$`]/g, String.raw`\$&`);
  return part.kind === "hostname" ? "$(hostname)" : `\${${part.name}?}`;
}

function describeExpansion(expansion: Expansion): string {
  return expansion.kind === "hostname" ? "$(hostname)" : `$${expansion.name}`;
}

/** A word of a command line: literal text, and what is known only when the service starts. */
export type Word = readonly (string | Expansion)[];

/** What a start puts into a word. */
export type Expansion =
  /** A variable of the environment. One that is not set is an error of the start, or an empty text. */
  | { readonly kind: "variable"; readonly name: string; readonly orEmpty?: boolean }
  /** A variable with what sh(1) and compose understand behind its name: `:-` and a default, and the like. */
  | { readonly kind: "operation"; readonly name: string; readonly operator: string; readonly text: string }
  /** All words of a variable, in the place of the whole word. The script needs `set -f`. */
  | { readonly kind: "words"; readonly name: string }
  /** What a command says. */
  | { readonly kind: "output"; readonly of: string };

/** Characters that no shell gives a meaning to, wherever they stand in a word behind the first one. */
const plain = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** The word as it is written in a script for sh(1): it arrives as it was, whatever it holds but NUL. */
export function shellWord(word: Word): string {
  const whole = word.every((part) => typeof part === "string") ? word.join("") : null;
  if (whole !== null) return plain.test(whole) ? whole : `'${whole.replaceAll("'", `'\\''`)}'`;
  if (isSplit(word)) return word.map(describeExpansion).join("");
  return `"${word.map(inDoubleQuotes).join("")}"`;
}

/** A line of words. */
export function shellWords(words: readonly Word[]): string {
  return words.map(shellWord).join(" ");
}

/** Whether the word stands for all words of a variable. */
export function isSplit(word: Word): boolean {
  const [first] = word;
  return word.length === 1 && typeof first === "object" && first.kind === "words";
}

/** A word of parts: texts that stand side by side are one. */
export function joinParts(parts: readonly (string | Expansion)[]): Word {
  const word: (string | Expansion)[] = [];
  for (const part of parts) {
    const last = word.at(-1);
    if (typeof part === "string" && typeof last === "string") word.splice(-1, 1, last + part);
    else if (part !== "") word.push(part);
  }
  return word.length === 0 ? [""] : word;
}

/** For people: expansions by their names. */
export function describeWord(word: Word): string {
  return word.map((part) => (typeof part === "string" ? part : describeExpansion(part))).join("");
}

/** The text of a word without expansions; null for others. */
export function literal(word: Word): string | null {
  return word.every((part) => typeof part === "string") ? word.join("") : null;
}

function inDoubleQuotes(part: string | Expansion): string {
  if (typeof part === "string") return part.replaceAll(/["\\$`]/g, String.raw`\$&`);
  if (part.kind === "output") return `$(${part.of})`;
  if (part.kind === "operation") return `\${${part.name}${part.operator}${inDoubleQuotes(part.text)}}`;
  return part.kind === "variable" && part.orEmpty !== true ? `\${${part.name}?}` : `\${${part.name}}`;
}

function describeExpansion(part: string | Expansion): string {
  if (typeof part === "string") return part;
  if (part.kind === "operation") return `\${${part.name}${part.operator}${part.text}}`;
  return part.kind === "output" ? `$(${part.of})` : `$${part.name}`;
}

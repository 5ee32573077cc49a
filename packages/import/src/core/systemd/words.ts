import { bytesOfName, nameOf } from "@upkeep/linux/core/name-text";

const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  s: 32,
  "\\": 92,
  '"': 34,
  "'": 39,
};

/** Escapes of several characters, by their first one: the pattern of the digits behind it, and their base. */
const numbers: readonly { readonly pattern: RegExp; readonly base: number; readonly isByte: boolean }[] = [
  { pattern: /x([0-9a-fA-F]{2})/y, base: 16, isByte: true },
  { pattern: /([0-7]{3})/y, base: 8, isByte: true },
  { pattern: /u([0-9a-fA-F]{4})/y, base: 16, isByte: false },
  { pattern: /U([0-9a-fA-F]{8})/y, base: 16, isByte: false },
];

/**
 * Cuts a value into words as systemd does: blanks between them, quotes of both kinds around what stays together, and the
 * escapes of C everywhere. An unknown escape stays as it is. Null where a quote does not end, or a NUL would be in it.
 */
export function splitWords(text: string): readonly string[] | null {
  const words: string[] = [];
  let at = 0;
  while ((at = skipBlanks(text, at)) < text.length) {
    const word = readWord(text, at);
    if (word === null) return null;
    words.push(word.text);
    at = word.end;
  }
  return words;
}

/** Separates commands at a semicolon that is a word of its own. */
export function splitCommands(text: string): readonly (readonly string[])[] | null {
  const commands: string[][] = [[]];
  let at = 0;
  while ((at = skipBlanks(text, at)) < text.length) {
    const rest = text.slice(at);
    if (/^;(\s|$)/.test(rest)) {
      commands.push([]);
      at += 1;
    } else if (/^\\;(\s|$)/.test(rest)) {
      commands.at(-1)?.push(";");
      at += 2;
    } else {
      const word = readWord(text, at);
      if (word === null) return null;
      commands.at(-1)?.push(word.text);
      at = word.end;
    }
  }
  return commands.filter((words) => words.length > 0);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at++;
  return at;
}

function readWord(text: string, from: number): { readonly text: string; readonly end: number } | null {
  const bytes: number[] = [];
  let quote: string | null = null;
  let at = from;
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (character === "\\") {
      const escape = readEscape(text, at + 1);
      if (escape === null) return null;
      bytes.push(...escape.bytes);
      at = escape.end;
      continue;
    }
    at += character.length;
    if (quote === null && /\s/.test(character)) break;
    if (character === quote) quote = null;
    else if (quote === null && (character === '"' || character === "'")) quote = character;
    else bytes.push(...bytesOfName(character));
  }
  return quote === null ? { text: nameOf(Uint8Array.from(bytes)), end: at } : null;
}

function readEscape(text: string, at: number): { readonly bytes: Iterable<number>; readonly end: number } | null {
  const simple = escapes[text.charAt(at)];
  if (simple !== undefined) return { bytes: [simple], end: at + 1 };
  for (const { pattern, base, isByte } of numbers) {
    pattern.lastIndex = at;
    const digits = pattern.exec(text)?.[1];
    if (digits === undefined) continue;
    const code = Number.parseInt(digits, base);
    if (code === 0 || code > (isByte ? 0xff : 0x10ffff)) return null;
    return { bytes: isByte ? [code] : bytesOfName(String.fromCodePoint(code)), end: pattern.lastIndex };
  }
  return { bytes: [92], end: at };
}

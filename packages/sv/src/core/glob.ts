/** A name, as it was typed, that may stand for several services: `web-*`, `/srv/web-*`, `web-?/log`. */
export interface Pattern {
  /** The path in front of the pattern, with its slash and taken literally. Empty where there is none. */
  readonly before: string;
  readonly pattern: string;
  /** `/log`, which means the log services; a slash; or nothing. */
  readonly after: string;
}

/** Takes a pattern apart; null for a name without a special character. */
export function patternIn(name: string): Pattern | null {
  const [, before, pattern, after] = /^((?:[^*?[]*\/)?)([^/]*[*?[][^/]*)((?:\/log)?\/?)$/.exec(name) ?? [];
  return before === undefined || pattern === undefined || after === undefined ? null : { before, pattern, after };
}

/**
 * Those of `names` that a shell's pattern matches: `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before a character
 * that is meant literally. A bracket that is not closed stands for itself.
 */
export function matching(pattern: string, names: readonly string[]): readonly string[] {
  const parts = parse(pattern);
  return names.filter((name) => matches(parts, Array.from(name)));
}

/** One character of the name, or any number of them. */
type Part = "any" | ((character: string) => boolean);

function parse(pattern: string): readonly Part[] {
  const characters = Array.from(pattern);
  const parts: Part[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    const bracket = character === "[" ? parseBracket(characters, at) : null;
    if (bracket !== null) {
      parts.push(bracket.part);
      at = bracket.end;
    } else if (character === "*") {
      parts.push("any");
    } else if (character === "?") {
      parts.push(() => true);
    } else {
      const wanted = character === "\\" ? (characters[++at] ?? character) : character;
      parts.push((one) => one === wanted);
    }
  }
  return parts;
}

/** The set that begins at `start`; null when it is not closed. A `]` in the first place belongs to the set. */
function parseBracket(
  characters: readonly string[],
  start: number,
): { readonly part: Part; readonly end: number } | null {
  const isNegated = characters[start + 1] === "!" || characters[start + 1] === "^";
  const first = start + (isNegated ? 2 : 1);
  const end = characters.indexOf("]", first + 1);
  if (end === -1) return null;
  const ranges: (readonly [from: string, to: string])[] = [];
  for (let at = first; at < end; at++) {
    const from = characters[at] ?? "";
    const isRange = characters[at + 1] === "-" && at + 2 < end;
    ranges.push([from, isRange ? (characters[at + 2] ?? from) : from]);
    if (isRange) at += 2;
  }
  const isIn = (one: string): boolean => ranges.some(([from, to]) => from <= one && one <= to);
  return { part: (one) => isIn(one) !== isNegated, end };
}

/** Goes back to the last `*` only. That is enough, and the time does not explode with the number of stars. */
function matches(parts: readonly Part[], name: readonly string[]): boolean {
  let star = -1;
  let starAt = 0;
  let part = 0;
  for (let at = 0; at < name.length;) {
    const current = parts[part];
    if (current === "any") {
      star = part++;
      starAt = at;
    } else if (current?.(name[at] ?? "") === true) {
      part++;
      at++;
    } else if (star !== -1) {
      part = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === "any");
}

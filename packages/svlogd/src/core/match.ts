/** A line of config that selects (`+`, `e`) or deselects (`-`, `E`) the lines that match. */
export interface Rule {
  readonly selects: boolean;
  readonly pattern: Uint8Array;
}

const star = 0x2a;
const plus = 0x2b;

/** Whether a line, `bytes` from `from` up to `to`, is selected: the last rule that matches decides. */
export function selects(
  rules: readonly Rule[],
  byDefault: boolean,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  for (let at = rules.length - 1; at >= 0; at--) {
    const rule = rules[at];
    if (rule !== undefined && matches(rule.pattern, bytes, from, to)) return rule.selects;
  }
  return byDefault;
}

/**
 * Whether a pattern matches a whole line. A byte stands for itself. `*X` skips to the first X; if the rest does not
 * match from there, no other X is tried. `*` at the end is anything. `+X` is one X or more.
 *
 * When `+X` reaches the end of the line, the line matches whatever follows in the pattern: `+abcd` matches `a`. So it
 * is in runit 2.1.2, and a configuration must mean the same here.
 */
export function matches(pattern: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  for (let p = 0; p < pattern.length;) {
    const byte = pattern[p];
    if (byte === star) {
      p++;
      if (p === pattern.length) return true;
      const next = pattern[p];
      while (at < to && bytes[at] !== next) at++;
      if (at === to) return false;
      // The next turn matches the byte by itself; but a star or a plus keeps its meaning.
      continue;
    }
    if (byte === plus) {
      const repeated = pattern[p + 1] ?? 0;
      if (at === to || bytes[at] !== repeated) return false;
      while (at < to && bytes[at] === repeated) at++;
      if (at === to) return true;
      p += 2;
      continue;
    }
    if (at === to || bytes[at] !== byte) return false;
    at++;
    p++;
  }
  return at === to;
}

// Values as systemd takes them. Null is a value that it refuses, and it goes on with its default.

const yes = ["1", "yes", "y", "true", "t", "on"];
const no = ["0", "no", "n", "false", "f", "off"];

export function boolean(text: string): boolean | null {
  const lower = text.toLowerCase();
  if (yes.includes(lower)) return true;
  return no.includes(lower) ? false : null;
}

/** Milliseconds by unit; a number alone is seconds. */
const units: readonly (readonly [pattern: RegExp, milliseconds: number])[] = [
  [/^(us|usec|µs)$/, 0.001],
  [/^(ms|msec)$/, 1],
  [/^(s|sec|seconds?|)$/, 1000],
  [/^(m|min|minutes?)$/, 60_000],
  [/^(h|hr|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
  [/^(w|weeks?)$/, 604_800_000],
  [/^(M|months?)$/, 2_629_800_000],
  [/^(y|years?)$/, 31_557_600_000],
];

/** Milliseconds of a time span, `1min 30s`; Infinity for `infinity`. */
export function timespan(text: string): number | null {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  const part = /\s*(\d+(?:\.\d+)?)\s*([a-zA-Zµ]*)\s*/y;
  let sum = 0;
  if (text === "") return null;
  while (part.lastIndex < text.length) {
    const [, digits, unit = ""] = part.exec(text) ?? [];
    const factor = units.find(([pattern]) => pattern.test(unit))?.[1];
    if (digits === undefined || factor === undefined) return null;
    sum += Number(digits) * factor;
  }
  const milliseconds = Math.ceil(sum);
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}

/** What a limit may be: the soft one of `soft:hard`; Infinity for `infinity`. Bytes have a suffix, times a unit. */
export function limit(text: string): number | null {
  const soft = text.split(":")[0] ?? "";
  if (soft === "infinity") return Number.POSITIVE_INFINITY;
  const [, digits, suffix = ""] = /^(\d{1,15})([KMGTPE]?)$/.exec(soft) ?? [];
  if (digits === undefined) return null;
  const number = Number(digits) * 1024 ** ["", "K", "M", "G", "T", "P", "E"].indexOf(suffix);
  return Number.isSafeInteger(number) ? number : null;
}

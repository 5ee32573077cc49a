/** Longest prefix in characters. */
const longest = 200;

/** Colours of prefixes on a terminal: the six of ANSI that are neither black nor white. */
const colours = [36, 33, 32, 35, 34, 31] as const;

/**
 * The prefix that the text of a `log-prefix` file means: its first line as it is, blanks included, or
 * `NAME | ` if there is nothing in it.
 */
export function prefixOf(text: string, name: string): string {
  const [line = ""] = text.split("\n", 1);
  return (line.trim() === "" ? `${name} | ` : line).slice(0, longest);
}

/** The prefix in a colour of the service's own, for a terminal. */
export function coloured(prefix: string, name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return `\x1b[${colours[hash % colours.length] ?? 0}m${prefix}\x1b[0m`;
}

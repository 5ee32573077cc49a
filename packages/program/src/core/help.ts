/** An option as `--help` shows it. */
export interface HelpLine {
  /** As it is typed, with its argument: `-w sec`. */
  readonly words: string;
  readonly describe: string;
}

/** The columns that every terminal has. */
const columns = 80;
/** After a longer option the description begins on the next line. */
const longestWords = 26;

/**
 * What `--help` prints: the usage and what the program does, its options, and where to read on.
 *
 * @param text complete lines. The first one begins with `usage:` and is wrapped.
 */
export function renderHelp(text: string, options: readonly HelpLine[], manual: string): string {
  const width = Math.max(...options.map(({ words }) => (words.length > longestWords ? 0 : words.length)));
  const lines = options.flatMap(({ words, describe }) => {
    const wrapped = wrap(describe, columns - width - 4);
    const [first = "", ...rest] = words.length > longestWords ? ["", ...wrapped] : wrapped;
    return [`  ${words.padEnd(width)}  ${first}`.trimEnd(), ...rest.map((line) => `${" ".repeat(width + 4)}${line}`)];
  });
  return `${wrapUsage(text)}\n\nOptions:\n${lines.join("\n")}\n\nSee ${manual}.\n`;
}

/** Wraps the first line, `usage: name [-v] ...`, if it is too long: behind the name, and never inside brackets. */
export function wrapUsage(text: string): string {
  const [usage = "", ...rest] = text.split("\n");
  if (usage.length <= columns) return text;
  const [, head, synopsis] = /^(usage: \S+ )(.*)$/.exec(usage) ?? [];
  if (head === undefined || synopsis === undefined) return text;
  const indent = " ".repeat(head.length);
  const lines = fill(synopsis.match(/\[(?:[^[\]]|\[[^[\]]*\])*\]|\S+/g) ?? [], columns - head.length);
  return [...lines.map((line, at) => `${at === 0 ? head : indent}${line}`), ...rest].join("\n");
}

function wrap(text: string, width: number): readonly string[] {
  return fill(text.split(" "), width);
}

/** Puts words into as few lines as possible. A word that is longer than a line has a line of its own. */
function fill(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** A program that writes logs, and where to. */
export interface LoggerCommand {
  readonly logger: "svlogd" | "s6-log" | "multilog";
  /** As they stand in the command: relative to the logger's working directory, or absolute. */
  readonly directories: readonly string[];
}

/** The letters of options that take a value. */
const valued = { svlogd: "blrR", "s6-log": "dqvel" } as const;

/** Finds a logger in the words of a command line, behind others such as `exec`, `chpst -u log` or `node`. */
export function loggerIn(words: readonly string[]): LoggerCommand | null {
  for (const [index, word] of words.entries()) {
    const name = /(?:^|\/)(svlogd|s6-log|multilog)(?:\.js)?$/.exec(word)?.[1];
    const rest = words.slice(index + 1);
    if (name === "svlogd") return { logger: name, directories: operandsOf(rest, valued.svlogd) };
    if (name === "s6-log") return { logger: name, directories: operandsOf(rest, valued["s6-log"]).filter(isDirectory) };
    if (name === "multilog") return { logger: name, directories: rest.filter(isDirectory) };
  }
  return null;
}

/** Of the directives of s6-log and multilog, those that begin so name a directory. */
function isDirectory(directive: string): boolean {
  return /^[./]/.test(directive);
}

/** What stands behind the options, of which these letters take a value: glued to them, or the next word. */
function operandsOf(words: readonly string[], letters: string): readonly string[] {
  let at = 0;
  for (let word = words[at]; word !== undefined && word.startsWith("-") && word !== "-"; word = words[at]) {
    at += 1;
    if (word === "--") break;
    const valuedAt = word.slice(1).search(new RegExp(`[${letters}]`));
    if (valuedAt === word.length - 2) at += 1;
  }
  return words.slice(at);
}

/**
 * Finds the logger that a `log/run` script starts. Null where it starts none that we know, or names the directory by a
 * variable, which only the shell knows.
 */
export function loggerInScript(text: string): LoggerCommand | null {
  for (const line of text.replaceAll("\\\n", " ").split("\n")) {
    const found = loggerIn(shellWords(line));
    if (found === null) continue;
    const directories = found.directories.filter((directory) => !/[$`]/.test(directory));
    if (directories.length > 0) return { ...found, directories };
  }
  return null;
}

/** The words of a line up to a comment, a redirection or the next command, without their quotes. */
function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (/^(?:#|[<>&|;])|^\d*[<>]/.test(word)) break;
    words.push(word.replaceAll(/^;|;$|['"]/g, ""));
    if (word.endsWith(";")) break;
  }
  return words;
}

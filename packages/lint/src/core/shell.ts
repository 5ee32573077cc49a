/** A command of a shell script, as far as one can tell without running it. */
export interface Command {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** Without the quotes around them; redirections are words as well. */
  readonly words: readonly string[];
  /** What ends it: `&`, `&&`, `||`, `|`, `;` or a newline. */
  readonly end: string;
}

const shells =
  /^#!\s*(?:\S*\/env\s+)?(?:\S*\/)?(?:(?:with-contenv|busybox)\s+)?(?:sh|ash|bash|dash|ksh|zsh|invoke-run)\b/;

/** Whether a script is for a shell that understands what sh does. */
export function isShell(text: string): boolean {
  return shells.test(text);
}

/** Words that may stand before a command. */
const leading: ReadonlySet<string> = new Set([
  "then",
  "else",
  "do",
  "if",
  "elif",
  "while",
  "until",
  "!",
  "{",
  "(",
  "time",
]);

/** The commands of a shell script, in their order. */
export function commandsOf(text: string): readonly Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let begin = 1;
  for (const { text: token, line, isOperator } of tokensOf(text)) {
    if (!isOperator) {
      if (words.length === 0) begin = line;
      if (words.length > 0 || !leading.has(token)) words.push(token);
      continue;
    }
    if (words.length > 0) commands.push({ line: begin, words, end: token });
    words = [];
  }
  return commands;
}

interface Token {
  readonly text: string;
  readonly line: number;
  readonly isOperator: boolean;
}

const blanks = /[ \t]+|\\\n/y;
const comment = /#[^\n]*/y;
const operator = /&&|\|\||;;|[;|\n]|&(?!>)|[()]/y;
/** Quoted text, `$(...)` of one level, `${...}`, redirections with `&`, and what is none of these. */
const word =
  /(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|`[^`]*`|\$\((?:\([^)]*\)|[^()]|\([^()]*\))*\)|\$\{[^}]*\}|[<>]&|&>|<\(|>\(|[^\s;|&()'"`\\]|['"`\\])+/y;

function* tokensOf(text: string): Generator<Token> {
  const heredocs: string[] = [];
  let line = 1;
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  while (at < text.length) {
    const begin = line;
    const skipped = match(blanks) ?? match(comment);
    const sign = skipped === null ? match(operator) : null;
    const found = skipped ?? sign ?? match(word);
    if (found === null) at += 1;
    line += (found ?? "").split("\n").length - 1;
    if (found === null || skipped !== null) continue;
    const heredoc = /^\d*<<-?(?!<)(.*)$/.exec(found)?.[1];
    if (heredoc !== undefined && sign === null) heredocs.push(unquoted(heredoc));
    yield { text: sign ?? unquoted(found), line: begin, isOperator: sign !== null };
    while (sign === "\n" && heredocs.length > 0) {
      const body = endOfHeredoc(text, at, heredocs.shift() ?? "");
      line += text.slice(at, body).split("\n").length - 1;
      at = body;
    }
  }
  yield { text: "\n", line, isOperator: true };
}

function endOfHeredoc(text: string, from: number, label: string): number {
  for (let at = from; at < text.length;) {
    const end = text.indexOf("\n", at);
    const next = end === -1 ? text.length : end + 1;
    if (text.slice(at, next).trim() === label) return next;
    at = next;
  }
  return text.length;
}

function unquoted(text: string): string {
  return text.replaceAll(/\\\n/g, "").replaceAll(/['"]/g, "");
}

/** Whether a word redirects, such as `2>&1`. */
export function isRedirection(text: string): boolean {
  return /^\d*(?:[<>]|&>)/.test(text);
}

/** The command in place of the shell: `exec` with more than redirections behind it. */
export function isExec({ words: [first, ...rest] }: Command): boolean {
  return (
    first === "exec" && rest.some((one, index) => !isRedirection(one) && !/^\d*[<>]+$/.test(rest[index - 1] ?? ""))
  );
}

/** A key with its value, which may have had several lines. Lines count from 1. */
export interface IniKey {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  readonly keys: readonly IniKey[];
}

/** A line that is neither a section nor a key. */
export interface IniProblem {
  readonly line: number;
  readonly text: string;
}

export interface Ini {
  readonly sections: readonly IniSection[];
  readonly problems: readonly IniProblem[];
}

/**
 * Reads an ini file as Python's configparser does for supervisord: `=` or `:` behind a key, whose case does not count;
 * `#` and `;` begin a comment at the start of a line and behind a blank; a line that is indented more than its key goes
 * on with the value. Sections of the same name are told apart here, as their lines are.
 */
export function readIni(text: string): Ini {
  const sections: { name: string; line: number; keys: { key: string; value: string; line: number }[] }[] = [];
  const problems: IniProblem[] = [];
  let indent = Number.POSITIVE_INFINITY;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1;
    const content = withoutComment(raw);
    if (content === "") continue;
    const section = sections.at(-1);
    const key = section?.keys.at(-1);
    const depth = raw.length - raw.trimStart().length;
    if (key !== undefined && depth > indent) {
      key.value += `\n${content}`;
      continue;
    }
    indent = depth;
    const header = /^\[(.+)\]/.exec(content)?.[1];
    if (header !== undefined) {
      sections.push({ name: header, line, keys: [] });
      continue;
    }
    const at = content.search(/[=:]/);
    if (at < 1) problems.push({ line, text: "is neither a section nor a key with a value" });
    else if (section === undefined) problems.push({ line, text: "stands before the first section" });
    else
      section.keys.push({ key: content.slice(0, at).trim().toLowerCase(), value: content.slice(at + 1).trim(), line });
  }
  return { sections, problems };
}

function withoutComment(line: string): string {
  const at = line.search(/(?:^|\s)[;#]/);
  return (at === -1 ? line : line.slice(0, at)).trim();
}

import type { User } from "../model.ts";
import { asUser } from "../render.ts";
import { describeWord, isSplit, shellWords, type Word } from "../words.ts";
import type { Unit } from "./context.ts";
import { expandSpecifiers } from "./specifiers.ts";
import { splitCommands } from "./words.ts";

/** A command of `ExecStart=` or one of its kin. */
export interface ExecLine {
  readonly words: readonly Word[];
  /** `@`: what the program is told that it is called. */
  readonly argv0: Word | null;
  /** `-`: a failure counts as success. */
  readonly mayFail: boolean;
  /** `+` and `!`: whoever the user of the unit is. */
  readonly privileged: boolean;
}

/** The commands of a value; the problem where systemd would refuse one. */
export function readCommands(text: string, unit: Unit): readonly ExecLine[] | string {
  const commands = splitCommands(text);
  if (commands === null) return "has a quote that does not end, or a NUL";
  const lines = commands.map((words) => readCommand(words, unit));
  return lines.find((line) => typeof line === "string") ?? lines.filter((line) => typeof line !== "string");
}

function readCommand([first = "", ...rest]: readonly string[], unit: Unit): ExecLine | string {
  const [prefix = ""] = /^[-@:+!|]*/.exec(first) ?? [];
  const path = expandSpecifiers(first.slice(prefix.length), unit.name, unit.file);
  const others = rest.map((word) => readWord(word, unit, !prefix.includes(":")));
  const problem = [path, ...others].find((word) => typeof word === "string");
  if (problem !== undefined) return problem;
  const words = [path, ...others].filter((word) => typeof word !== "string");
  const [program, argv0, ...args] = words;
  if (program === undefined || describeWord(program) === "") return "names no program";
  const isRenamed = prefix.includes("@");
  if (isRenamed && argv0 === undefined) return "has an @, and no second word, which is to be the name";
  return {
    words: isRenamed ? [program, ...args] : words,
    argv0: isRenamed ? (argv0 ?? null) : null,
    mayFail: prefix.includes("-"),
    privileged: /[+!]/.test(prefix),
  };
}

function readWord(text: string, unit: Unit, hasVariables: boolean): Word | string {
  const word = expandSpecifiers(text, unit.name, unit.file);
  if (typeof word === "string" || !hasVariables) return word;
  const [only] = word;
  if (word.length === 1 && typeof only === "string" && /^\$[^{$]/.test(only)) {
    const name = only.slice(1);
    return /^[A-Za-z_]\w*$/.test(name) ? [{ kind: "words", name }] : `has ${only}, which is no name of a variable`;
  }
  const parts = word.flatMap((part): Word => (typeof part === "string" ? withVariables(part) : [part]));
  return parts.length === 0 ? [""] : parts;
}

/** `${NAME}` is a variable, wherever it stands, and `$$` a dollar. */
function withVariables(text: string): Word {
  return text
    .split(/(\$\$|\$\{[A-Za-z_]\w*\})/)
    .filter((part) => part !== "")
    .map((part) => {
      if (part === "$$") return "$";
      const name = /^\$\{(\w+)\}$/.exec(part)?.[1];
      return name === undefined ? part : { kind: "variable", name, orEmpty: true };
    });
}

/** The command as a line of a script. What stands behind it where it fails: `|| exit`, unless it may. */
export function scriptLines(line: ExecLine, user: User | null, onFailure: string): readonly string[] {
  const command = `${asUser(line.privileged ? null : user, [], line.argv0)}${shellWords(line.words)}`;
  return [
    ...(line.words.some(isSplit) ? ["set -f"] : []),
    line.mayFail ? `${command} || :` : onFailure === "" ? command : `${command} || ${onFailure}`,
  ];
}

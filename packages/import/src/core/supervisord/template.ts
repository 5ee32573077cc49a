import type { Expansion, Word } from "../words.ts";
import { pairs } from "./values.ts";

/** A text in which a mark stands for each expansion that only a start knows, so that it can be cut into words. */
export interface Template {
  readonly text: string;
  readonly expansions: readonly Expansion[];
}

/** NUL, which no configuration has, the number of the expansion, and NUL. */
const marked = /\0(\d+)\0/;

/** What `%(...)s` stands for: texts that are known now. Names with `ENV_` are variables, `host_node_name` the machine. */
export type Known = Readonly<Record<string, string | number>>;

/**
 * Expands a value as supervisord does, by the rules of Python's `%`. Returns the problem where supervisord would refuse
 * it: an unknown name, or a `%` that begins nothing.
 */
export function expand(value: string, known: Known): Template | string {
  const expansions: Expansion[] = [];
  let problem: string | null = null;
  const text = value.replaceAll(/%%|%\(([^)]*)\)(0?)(\d*)([sd])|%/g, (whole, name?: string, zero = "", width = "") => {
    if (whole === "%%") return "%";
    if (name === undefined) {
      problem ??= "has a % that begins no %(name)s; a % itself is %%";
      return "";
    }
    if (Object.hasOwn(known, name)) return String(known[name]).padStart(Number(width), zero === "" ? " " : "0");
    const expansion = expansionOf(name);
    if (expansion === null) {
      problem ??= `has an unknown name, ${whole}`;
      return "";
    }
    expansions.push(expansion);
    return `\0${expansions.length - 1}\0`;
  });
  return problem ?? { text, expansions };
}

function expansionOf(name: string): Expansion | null {
  if (name === "host_node_name") return { kind: "output", of: "hostname" };
  const variable = /^ENV_([A-Za-z_][A-Za-z0-9_]*)$/.exec(name)?.[1];
  return variable === undefined ? null : { kind: "variable", name: variable };
}

/** The variables of a value that is a list of them; null where supervisord refuses it. */
export function variablesOf(template: Template): readonly (readonly [name: string, value: Word])[] | null {
  return pairs(template.text)?.map(([name, value]) => [name, wordOf(value, template)] as const) ?? null;
}

/** A piece of the text of a template, with its expansions in place. */
export function wordOf(text: string, { expansions }: Template): Word {
  const parts: readonly (string | Expansion)[] = text
    .split(marked)
    // Each second part is the number of an expansion.
    .map((part, at) => (at % 2 === 0 ? part : (expansions[Number(part)] ?? "")));
  const word = parts.filter((part) => part !== "");
  return word.length === 0 ? [""] : word;
}

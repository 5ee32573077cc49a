/** A value of a source that is not flat, with the line on which it begins. Lines count from 1. */
export type Tree = Scalar | List | Mapping;

export interface Scalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As it is written, without quotes. */
  readonly text: string;
  readonly line: number;
}

export interface List {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly line: number;
}

export interface Mapping {
  readonly kind: "map";
  readonly entries: readonly Field[];
  readonly line: number;
}

/** A key of a mapping with its value. */
export interface Field {
  readonly key: string;
  readonly value: Tree;
  readonly line: number;
}

/** What keeps a text from being a tree. */
export interface TreeProblem {
  readonly line: number;
  readonly text: string;
}

/** Levels and values that a tree may have. No configuration has as many. */
export const mostLevels = 50;
export const mostValues = 200_000;

/** The value of a key of a mapping; null where there is none. */
export function fieldOf(tree: Tree, key: string): Tree | null {
  return tree.kind === "map" ? (tree.entries.find((entry) => entry.key === key)?.value ?? null) : null;
}

/** On one line, for people. */
export function describeTree(tree: Tree): string {
  switch (tree.kind) {
    case "scalar":
      return tree.text;
    case "list":
      return `[${tree.items.map(describeTree).join(", ")}]`;
    case "map":
      return `{${tree.entries.map(({ key, value }) => `${key}: ${describeTree(value)}`).join(", ")}}`;
  }
}

// Values as subjects read them. Null is a value that they refuse.

export function text(tree: Tree): string | null {
  return tree.kind === "scalar" && tree.value !== null ? tree.text : null;
}

export function flag(tree: Tree): boolean | null {
  if (tree.kind !== "scalar") return null;
  if (typeof tree.value === "boolean") return tree.value;
  return tree.value === "true" ? true : tree.value === "false" ? false : null;
}

/** A whole number from 0 to 2^53 - 1. */
export function count(tree: Tree): number | null {
  const number = tree.kind === "scalar" && /^\d+$/.test(tree.text) ? Number(tree.text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/** A list of texts. */
export function texts(tree: Tree): readonly string[] | null {
  if (tree.kind !== "list") return null;
  const all = tree.items.map(text);
  return all.every((item) => item !== null) ? all.filter((item) => item !== null) : null;
}

/** A text, or several. */
export function oneOrMore(tree: Tree): readonly string[] | null {
  const one = text(tree);
  return one === null ? texts(tree) : [one];
}

/** Variables as a mapping, or as a list of NAME=VALUE. Without a value, null: the variable is passed on. */
export function pairs(tree: Tree): readonly (readonly [name: string, value: string | null])[] | null {
  if (tree.kind === "map") {
    const all = tree.entries.map(
      ({ key, value }) => [key, value.kind === "scalar" ? valueOf(value) : undefined] as const,
    );
    return all.every((pair): pair is readonly [string, string | null] => pair[1] !== undefined && isName(pair[0]))
      ? all
      : null;
  }
  const all = texts(tree)?.map((item) => {
    const at = item.indexOf("=");
    return at === -1 ? ([item, null] as const) : ([item.slice(0, at), item.slice(at + 1)] as const);
  });
  return all?.every(([name]) => isName(name)) === true ? all : null;
}

function valueOf({ value, text: written }: Scalar): string | null {
  return value === null ? null : written;
}

function isName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

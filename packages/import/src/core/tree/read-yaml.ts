import { isAlias, isMap, isScalar, LineCounter, type Pair, parseDocument } from "yaml";

import { type Field, mostLevels, mostValues, type Tree, type TreeProblem } from "./tree.ts";

/** Reads YAML 1.2 with the merges of 1.1. Anchors are followed, up to so many values that no bomb fills the memory. */
export function readYaml(text: string): Tree | TreeProblem {
  // Nesting without end would end in an overflow of the stack of the parser.
  if (deepest(text) > 1000) return { line: 1, text: "is nested too deeply" };
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, prettyErrors: false, strict: true });
  const [error] = document.errors;
  if (error !== undefined)
    return { line: counter.linePos(error.pos[0]).line, text: `is no YAML: ${error.message.split("\n")[0] ?? ""}` };
  const reader = new Reader(counter);
  const tree = reader.read(document.contents, 0);
  return reader.problem ?? tree;
}

/** The most brackets that are open at once, and the most dashes or blanks in front of a line, which nest as well. */
function deepest(text: string): number {
  let open = 0;
  let most = 0;
  for (const character of text) {
    if (character === "[" || character === "{") most = Math.max(most, ++open);
    else if (character === "]" || character === "}") open = Math.max(0, open - 1);
  }
  for (const [indent] of text.matchAll(/^[ \t?-]*/gm)) most = Math.max(most, indent.replaceAll(/[^?-]/g, "").length);
  return most;
}

/** Makes plain trees of the nodes of the parser. */
class Reader {
  problem: TreeProblem | null = null;
  readonly #counter: LineCounter;
  /** The library looks through the whole document for each alias. */
  readonly #anchors = new Map<string, unknown>();
  #values = 0;

  constructor(counter: LineCounter) {
    this.#counter = counter;
  }

  read(node: unknown, level: number, line = 1): Tree {
    const at = this.#lineOf(node, line);
    const nothing: Tree = { kind: "scalar", value: null, text: "", line: at };
    if (++this.#values > mostValues) return this.#refuse(at, "has too many values, or aliases of aliases", nothing);
    if (level > mostLevels) return this.#refuse(at, "is nested too deeply", nothing);
    if (this.problem !== null) return nothing;
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) return this.#refuse(at, "names an anchor that is not there", nothing);
      return this.read(target, level + 1, at);
    }
    if (typeof node === "object" && node !== null && "anchor" in node && typeof node.anchor === "string")
      this.#anchors.set(node.anchor, node);
    if (isMap(node)) return { kind: "map", line: at, entries: this.#fields(node.items, level, at) };
    if (isScalar(node)) return scalar(node.value, node.source, at);
    if (typeof node !== "object" || node === null || !("items" in node) || !Array.isArray(node.items)) return nothing;
    return { kind: "list", line: at, items: node.items.map((item: unknown) => this.read(item, level + 1, at)) };
  }

  #fields(items: readonly Pair[], level: number, line: number): readonly Field[] {
    const own = items.flatMap((pair): readonly Field[] => {
      const at = this.#lineOf(pair.key, line);
      const key = this.read(pair.key, level + 1, at);
      const value = this.read(pair.value, level + 1, at);
      if (key.kind !== "scalar") return this.#refuse(at, "has a key that is no text", []);
      return key.text === "<<" ? [] : [{ key: key.text, value, line: at }];
    });
    // What is merged counts only where the mapping itself says nothing.
    const merged = items
      .filter((pair) => isScalar(pair.key) && pair.key.value === "<<")
      .flatMap((pair) => sources(this.read(pair.value, level + 1, line)));
    const names = new Set<string>();
    for (const { key, line: at } of own) {
      if (names.has(key)) this.#refuse(at, `has the key ${key} a second time`, null);
      names.add(key);
    }
    const added = merged.filter(({ key }) => !names.has(key) && names.add(key));
    return [...own, ...added];
  }

  #lineOf(node: unknown, byDefault: number): number {
    const range =
      typeof node === "object" && node !== null && "range" in node ? (node.range as readonly number[] | null) : null;
    return range?.[0] === undefined ? byDefault : this.#counter.linePos(range[0]).line;
  }

  #refuse<Instead>(line: number, text: string, instead: Instead): Instead {
    this.problem ??= { line, text };
    return instead;
  }
}

function scalar(value: unknown, source: string | undefined, line: number): Tree {
  if (typeof value === "string") return { kind: "scalar", value, text: value, line };
  // A number is what it was written as: 0755 and 1.10 mean what they look like.
  const text = source ?? String(value);
  if (typeof value === "number" || typeof value === "boolean") return { kind: "scalar", value, text, line };
  return value === null ? { kind: "scalar", value, text: "", line } : { kind: "scalar", value: text, text, line };
}

/** The mappings of a merge: one, or a list of them. */
function sources(tree: Tree): readonly Field[] {
  if (tree.kind === "map") return tree.entries;
  return tree.kind === "list" ? tree.items.flatMap((item) => (item.kind === "map" ? item.entries : [])) : [];
}

import { dirname, resolve } from "node:path";

import { pathOfName } from "@upkeep/linux/core/name-text";
import { isThere } from "@upkeep/linux/fd/files";

import { importCompose } from "../core/compose/compose.ts";
import type { Imported } from "../core/model.ts";
import { importProcessCompose } from "../core/process-compose/process-compose.ts";
import { readYaml } from "../core/tree/read-yaml.ts";
import { fieldOf, text, type Tree } from "../core/tree/tree.ts";
import { readBeside, readText, type Source } from "./source-file.ts";

export function readProcessCompose(source: Source): Imported {
  return withTree(source, (tree) => importProcessCompose(tree, source.file, resolve(dirname(source.file))));
}

/** Reads a compose file, and the files of variables that it names. */
export function readCompose(source: Source): Imported {
  const directory = resolve(dirname(source.file));
  return withTree(source, (tree) =>
    importCompose(tree, source.file, directory, variablesOf(tree, directory), readBeside(source.file, ".env")),
  );
}

function withTree({ file, text: content }: Source, use: (tree: Tree) => Imported): Imported {
  const tree = readYaml(content);
  if ("kind" in tree) return use(tree);
  return { services: [], entries: [], failures: [{ place: { file, line: tree.line }, text: tree.text }] };
}

function variablesOf(tree: Tree, directory: string): ReadonlyMap<string, string> {
  const services = fieldOf(tree, "services");
  const stated = services?.kind === "map" ? services.entries.map(({ value }) => fieldOf(value, "env_file")) : [];
  const paths = stated
    .flatMap((files) => (files === null ? [] : files.kind === "list" ? files.items : [files]))
    .flatMap((item) => text(fieldOf(item, "path") ?? item) ?? []);
  const there = paths.map((path) => resolve(directory, path)).filter((path) => isThere(pathOfName(path)));
  return new Map(there.map((path) => [path, readText(path)]));
}

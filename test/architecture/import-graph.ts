import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";

import { parseSync } from "rolldown/utils";

import { ambientUses } from "./ambient-uses.ts";

/** What a module of the suite loads and uses. */
export interface Module {
  /** Absolute paths of modules of the suite, and the names of other modules. Imports of types do not count. */
  readonly imports: readonly string[];
  /** The same of `import()`. */
  readonly lateImports: readonly string[];
  /** What it uses without an import: `Date.now`, `process`. See ambient-uses.ts. */
  readonly ambient: readonly string[];
}

/** The modules of the suite, each read once. */
export interface ImportGraph {
  /** @param file its absolute path. */
  module(file: string): Module;
  /**
   * All modules that are loaded with a module, each with the file that loads it first; null for the module itself.
   *
   * @param withLate whether `import()` counts as well.
   */
  loadedBy(file: string, withLate: boolean): ReadonlyMap<string, string | null>;
  /** The files from the module down to `target`, relative to the root. */
  chain(loaded: ReadonlyMap<string, string | null>, target: string): readonly string[];
}

/** @param root the directory that holds `packages/`. */
export function openImportGraph(root: string): ImportGraph {
  const modules = new Map<string, Module>();

  const module = (file: string): Module => {
    const known = modules.get(file) ?? readModule(root, file);
    modules.set(file, known);
    return known;
  };

  const loadedBy = (file: string, withLate: boolean): ReadonlyMap<string, string | null> => {
    const importers = new Map<string, string | null>([[file, null]]);
    // The loop also visits what it adds to the map, so this is a breadth-first search.
    for (const loaded of importers.keys()) {
      if (!loaded.startsWith("/")) continue;
      const { imports, lateImports } = module(loaded);
      for (const target of withLate ? [...imports, ...lateImports] : imports) {
        if (!importers.has(target)) importers.set(target, loaded);
      }
    }
    return importers;
  };

  const chain = (loaded: ReadonlyMap<string, string | null>, target: string): readonly string[] => {
    const files: string[] = [];
    for (let at: string | null = target; at !== null; at = loaded.get(at) ?? null) {
      files.unshift(at.startsWith("/") ? relative(root, at) : at);
    }
    return files;
  };

  return { module, loadedBy, chain };
}

function readModule(root: string, file: string): Module {
  const source = readFileSync(file, "utf8");
  const { program, module, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const find = (specifiers: readonly string[]): readonly string[] =>
    specifiers.flatMap((specifier) => resolveImport(root, file, specifier));
  const imported = module.staticImports.filter(({ entries }) => isNeeded(entries));
  const exported = module.staticExports.flatMap(({ entries }) => entries.filter(({ isType }) => !isType));
  const late = module.dynamicImports.map(({ moduleRequest: { start, end } }) => source.slice(start, end));
  return {
    imports: find([
      ...imported.map(({ moduleRequest }) => moduleRequest.value),
      ...exported.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ]),
    lateImports: find(late.map((literal) => /^["'`](.*)["'`]$/.exec(literal)?.[1] ?? literal)),
    ambient: ambientUses(program),
  };
}

function isNeeded(entries: readonly { readonly isType: boolean }[]): boolean {
  return entries.length === 0 || entries.some(({ isType }) => !isType);
}

/** The modules that a name stands for: two where the runtimes get different ones. A foreign name stands for itself. */
function resolveImport(root: string, file: string, specifier: string): readonly string[] {
  if (specifier.startsWith(".")) return [resolve(dirname(file), specifier)];
  const [, name, path] = /^@upkeep\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
  if (name !== undefined) return [`${root}/packages/${name}/src/${path}.ts`];
  return specifier.startsWith("#") ? ownImports(root, file, specifier) : [specifier];
}

/** The modules of a name with `#`, from the manifest of the file's package, for both runtimes. */
function ownImports(root: string, file: string, specifier: string): readonly string[] {
  const folder = `${root}/packages/${relative(`${root}/packages`, file).split("/")[0]}`;
  const { imports = {} } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as {
    readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  return Object.values(imports[specifier] ?? {}).map((target) => resolve(folder, target));
}

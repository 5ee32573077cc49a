import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { type ImportGraph, openImportGraph } from "./import-graph.ts";

/** Foreign modules that are pure, with the reason. */
const pure: Readonly<Record<string, string>> = {
  "node:buffer": "bytes in memory",
  "@dagrejs/dagre": "a layout of graphs",
  acorn: "the grammar of JavaScript",
  anser: "the colours in a line for a terminal",
  leven: "a distance of texts",
  shlex: "the rules of words of a shell",
  "string-width": "a table of the widths of characters",
  yaml: "the grammar of YAML",
};

const root = resolve(import.meta.dirname, "../..");

const packages = globSync("packages/*/src/core", { cwd: root })
  .map((core) => core.split("/")[1] ?? "")
  .toSorted();

/** Each way out of the core of a package, as the chain of files that leads there. */
function waysOut(graph: ImportGraph, directory: string, name: string): readonly string[] {
  const files = globSync(`packages/${name}/src/core/**/*.ts`, { cwd: directory });
  return files.toSorted().flatMap((file) => {
    const loaded = graph.loadedBy(resolve(directory, file), true);
    return [...loaded.keys()].flatMap((target) => {
      const chain = graph.chain(loaded, target).join(" > ");
      if (!target.startsWith("/")) return target in pure ? [] : [chain];
      return graph.module(target).ambient.map((use) => `${chain} > ${use}`);
    });
  });
}

describe("the core", () => {
  const graph = openImportGraph(root);

  test.each(packages)("of %s reaches no file, process, clock or chance", (name) => {
    expect(waysOut(graph, root, name)).toEqual([]);
  });

  test("is there in more than a dozen packages", () => {
    expect(packages.length).toBeGreaterThan(12);
  });
});

describe("a way out is found", () => {
  const directory = mkdtempSync(`${tmpdir()}/purity-`);
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const plant = (files: Readonly<Record<string, string>>): readonly string[] => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(`${directory}/packages/${path}`), { recursive: true });
      writeFileSync(`${directory}/packages/${path}`, content);
    }
    return waysOut(openImportGraph(directory), directory, "a");
  };

  test("three imports away", () => {
    const found = plant({
      "a/src/core/one.ts": `import { two } from "./two.ts";\nexport const one = two;\n`,
      "a/src/core/two.ts": `export * from "../three.ts";\n`,
      "a/src/three.ts": `import { now } from "@upkeep/b/core/four";\nexport const two = now;\n`,
      "b/src/core/four.ts": "export const now = (): number => Date.now();\n",
    });
    const rest = "packages/a/src/three.ts > packages/b/src/core/four.ts > Date.now";
    expect(found).toEqual([
      `packages/a/src/core/one.ts > packages/a/src/core/two.ts > ${rest}`,
      `packages/a/src/core/two.ts > ${rest}`,
    ]);
  });

  test("through a package's own imports, for either runtime, and through import()", () => {
    const found = plant({
      "a/package.json": `{ "imports": { "#files": { "bun": "./src/files.bun.ts", "default": "./src/files.node.ts" } } }`,
      "a/src/core/one.ts": `export const one = async (): Promise<unknown> => import("#files");\n`,
      "a/src/files.bun.ts": `import "bun:ffi";\n`,
      "a/src/files.node.ts": `import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n`,
    });
    expect(found).toEqual([
      "packages/a/src/core/one.ts > packages/a/src/files.bun.ts > bun:ffi",
      "packages/a/src/core/one.ts > packages/a/src/files.node.ts > node:fs",
    ]);
  });

  test.each([
    ["Date.now()", "Date.now"],
    ["new Date()", "new Date()"],
    ["Date()", "Date"],
    ["[Date].map(String)", "Date"],
    ["Math.random()", "Math.random"],
    [`Math["random"]()`, "Math"],
    ["performance.now()", "performance"],
    ["Atomics.wait(buffer, 0, 0)", "Atomics"],
    ["process.env", "process"],
    ["(() => { const { env } = process; return env; })()", "process"],
    ["((x = setTimeout) => x)()", "setTimeout"],
    ["(console satisfies object).log()", "console"],
    ["{ console }", "console"],
    ["globalThis", "globalThis"],
    ["import.meta.url", "import.meta"],
    ["((process: object) => process)(process)", "process"],
  ])("%s", (expression, use) => {
    expect(plant({ "a/src/core/one.ts": `const buffer = 1;\nexport const x = ${expression};\n` })).toEqual([
      `packages/a/src/core/one.ts > ${use}`,
    ]);
  });

  test.each([
    "new Date(5).toISOString()",
    `Date.parse("2000-01-01")`,
    "Math.max(1, 2)",
    "(({ process }: { process: { pid: number } }) => process.pid)({ process: { pid: 1 } })",
    "state.process.pid",
    "{ console: 1, performance: 2 }",
    "((state as { process: number }).process)",
  ])("but not in %s", (expression) => {
    const source = `import type { Stats } from "node:fs";\nimport { type URL } from "node:url";\nimport { Buffer } from "node:buffer";
interface State { readonly process: { readonly pid: number }; readonly stats?: Stats | URL | typeof globalThis }
const state: State = { process: { pid: Buffer.length } };\nexport const x = [state, ${expression}];\n`;
    expect(plant({ "a/src/core/one.ts": source })).toEqual([]);
  });
});

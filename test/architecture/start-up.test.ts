import { resolve } from "node:path";

import { describe, expect, test } from "vitest";

import { openImportGraph } from "./import-graph.ts";

const root = resolve(import.meta.dirname, "../..");
const graph = openImportGraph(root);

/** All modules that are loaded with a module of a package, without those behind `import()`. */
function loadedBy(module: string): readonly string[] {
  return [...graph.loadedBy(`${root}/packages/${module}.ts`, false).keys()];
}

describe("what sv loads at its start", () => {
  const loaded = loadedBy("sv/src/main");

  test("is Node's own and the suite's modules only: yargs waits until it is needed", () => {
    const outside = loaded.filter((name) => !name.startsWith("/") && !name.startsWith("node:"));
    expect(outside).toEqual([]);
  });

  test("has nothing of upkeep web, which loads what writes metrics only when somebody asks for them", () => {
    expect(loaded.filter((name) => name.includes("/packages/web/"))).toEqual([]);
    expect(loadedBy("web/src/main")).not.toContain("prom-client");
    expect(loadedBy("web/src/metrics/exposition")).toContain("prom-client");
  });

  test("reaches Ink and React only for sv top", () => {
    const libraries = (module: string): readonly string[] =>
      loadedBy(module).filter((name) => /^(?:ink|react)$/.test(name));
    for (const module of ["cli/extension", "show/run-list", "show/run-show", "log/run-log", "top/run-top"]) {
      expect(libraries(`sv/src/${module}`), module).toEqual([]);
    }
    expect(libraries("sv/src/top/show-top").toSorted()).toEqual(["ink", "react"]);
  });

  test("does not reach the foreign function interface, nor does waiting", () => {
    const waiting = loadedBy("sv/src/wait/control");
    expect([...loaded, ...waiting].filter((name) => name.includes("libc"))).toEqual([]);
    // This shows that the search finds anything at all.
    expect(loaded).toContain(`${root}/packages/supervise/src/fifo/client-end.ts`);
    expect(loadedBy("supervise/src/fifo/supervisor-end")).toContain(`${root}/packages/linux/src/ffi/libc.bun.ts`);
  });
});

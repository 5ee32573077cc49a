import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

/** All modules that are loaded with this one, those behind `import()` left out. */
function staticImports(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(file, "utf8");
  for (const [, clause = "", specifier = ""] of source.matchAll(/^(?:im|ex)port (?!type )([^;]*?)from "([^"]+)";/gms)) {
    const named = /^\{([^}]*)\}\s*$/
      .exec(clause)?.[1]
      ?.split(",")
      .map((name) => name.trim());
    if (named?.every((name) => name === "" || name.startsWith("type ")) === true) continue;
    if (specifier.startsWith(".")) staticImports(new URL(specifier, `file://${file}`).pathname, found);
    else if (specifier.startsWith("@upkeep/")) staticImports(pathOf(specifier), found);
    else found.add(specifier);
  }
  return found;
}

function pathOf(specifier: string): string {
  const [, name = "", module = ""] = /^@upkeep\/([^/]+)\/(.+)$/.exec(specifier) ?? [];
  return new URL(`../../packages/${name}/src/${module}.ts`, import.meta.url).pathname;
}

describe("what sv loads at its start", () => {
  const loaded = [...staticImports(new URL("../../packages/sv/src/main.ts", import.meta.url).pathname)];

  test("is Node's own and the suite's modules only: yargs and execa wait until they are needed", () => {
    const outside = loaded.filter((name) => !name.startsWith("/") && !name.startsWith("node:"));
    expect(outside).toEqual([]);
  });

  test("does not reach the foreign function interface, nor does waiting", () => {
    const waiting = staticImports(new URL("../../packages/sv/src/wait/control.ts", import.meta.url).pathname);
    expect([...loaded, ...waiting].filter((name) => name.includes("libc"))).toEqual([]);
    // A search that finds nothing at all would find no fault either.
    expect(loaded).toContain(pathOf("@upkeep/supervise/fifo/client-end"));
    expect([...staticImports(pathOf("@upkeep/supervise/fifo/supervisor-end"))]).toContain("#libc");
  });
});

/*
 * What the importer makes of every file of its corpus has no mistake that sv lint finds.
 */
import { cpSync, globSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";

const corpus = `${import.meta.dirname}/../../packages/import/test/corpus`;

/** Rules that tell of this machine, or of a name that the origin has as well. */
const expected = /\[(unknown-user|name-unfit)\]$/;

// One build will do: the services are the same, and it takes long.
rigTest("sv lint finds no mistake in what the corpus becomes", ourSuites.slice(0, 1), async (rig) => {
  const paths = globSync("*/*", { cwd: corpus }).filter((each) => !each.endsWith(".txt"));
  const made = await Promise.all(
    paths.map(async (path) => {
      const to = rig.path("out", path);
      const source = rig.path("in", dirname(path), basename(path).replace("@.", "@one."));
      mkdirSync(dirname(source), { recursive: true });
      cpSync(join(corpus, path), source, { recursive: true });
      // A directory of s6 tells what it is.
      const format = dirname(path) === "s6" ? [] : ["--format", dirname(path)];
      const { code, stderr } = await rig.run("upkeep-import", [...format, "--to", to, source]);
      expect(code === 0 || code === 1, `${path}: ${stderr}`).toBe(true);
      return rig.exists(to) ? [to] : [];
    }),
  );
  const { stdout } = await rig.run("sv", ["lint", "--strict", ...made.flat()]);
  expect(stdout.split("\n").filter((line) => /\[[\w-]+\]$/.test(line) && !expected.test(line))).toEqual([]);
  expect(stdout).toContain("[unknown-user]");
});

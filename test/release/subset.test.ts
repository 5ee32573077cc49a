import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";
import { parse } from "yaml";

import { namesIn, subsetOf } from "../../scripts/release/subset.ts";
import { targets } from "../../scripts/release/targets.ts";

const runtimes = join(import.meta.dirname, "../../scripts/release/runtimes");
const read = (name: string): string => readFileSync(join(runtimes, name), "utf8");
const all = { manifest: read("package.json"), lockfile: read("pnpm-lock.yaml") };

test("the runtime of each target can be fetched", () => {
  expect(namesIn(all.manifest)).toEqual(expect.arrayContaining(targets.map(({ runtime }) => runtime)));
});

test("a part of the runtimes has the versions and checksums of all", () => {
  const { manifest, lockfile } = subsetOf(all, (name) => name === "@oven/bun-linux-x64");
  expect(namesIn(manifest)).toEqual(["@oven/bun-linux-x64"]);
  const [whole, part] = [all.lockfile, lockfile].map((text) => parse(text) as Record<string, Record<string, unknown>>);
  const [key = ""] = Object.keys(part?.["packages"] ?? {});
  expect(key).toMatch(/^@oven\/bun-linux-x64@\d/);
  expect(part?.["packages"]).toEqual({ [key]: whole?.["packages"]?.[key] });
  expect(Object.keys(part?.["snapshots"] ?? {})).toEqual([key]);
  expect(part?.["importers"]).toEqual({ ".": { optionalDependencies: { "@oven/bun-linux-x64": expect.anything() } } });
  expect({ ...part, importers: 0, packages: 0, snapshots: 0 }).toEqual({
    ...whole,
    importers: 0,
    packages: 0,
    snapshots: 0,
  });
});

test("all of them are all of it", () => {
  const { manifest, lockfile } = subsetOf(all, () => true);
  expect(JSON.parse(manifest)).toEqual(JSON.parse(all.manifest));
  expect(parse(lockfile)).toEqual(parse(all.lockfile));
  expect(namesIn("{}")).toEqual([]);
});

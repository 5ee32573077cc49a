import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import {
  bumped,
  checkTag,
  changesWith,
  manifestWith,
  manualWith,
  openApiWith,
  pageWith,
  sourceWith,
} from "../../scripts/release/bump.ts";
import { targets } from "../../scripts/release/targets.ts";

const read = (path: string): string => readFileSync(path, "utf8");
const date = new Date("2026-12-03T23:59:59Z");

test("one number goes up, and those behind it begin anew", () => {
  expect([bumped("1.2.3", "major"), bumped("1.2.3", "minor"), bumped("1.2.9", "patch")]).toEqual([
    "2.0.0",
    "1.3.0",
    "1.2.10",
  ]);
  expect(() => bumped("1.2", "patch")).toThrow("1.2 is no version");
});

test("a release is refused under a tag that is not that of its version", () => {
  checkTag("v1.2.3", "1.2.3");
  for (const tag of ["v1.2.4", "1.2.3", "main", "v1.2.3-rc"]) {
    expect(() => checkTag(tag, "1.2.3")).toThrow(`${tag} is not v1.2.3`);
  }
});

test("the files of this repository take a version, in one line each", () => {
  const changed = (before: string, after: string): readonly string[] => {
    const old = before.split("\n");
    return after.split("\n").filter((line) => !old.includes(line));
  };
  const manifest = read("package.json");
  expect(changed(manifest, manifestWith(manifest, "9.8.7"))).toEqual(['  "version": "9.8.7",']);
  const source = read("packages/program/src/core/version.ts");
  expect(changed(source, sourceWith(source, "9.8.7"))).toEqual(['export const version = "9.8.7";']);
  const manual = read("man/runsv.8");
  expect(changed(manual, manualWith(manual, "9.8.7", date))).toEqual([
    '.TH RUNSV 8 "December 3, 2026" "Upkeep 9.8.7" "Upkeep service supervision"',
  ]);
  // Again, from a page that has a version.
  expect(manualWith(manualWith(manual, "1.0.0", new Date(0)), "9.8.7", date)).toBe(manualWith(manual, "9.8.7", date));
  const log = read("CHANGELOG.md");
  expect(changed(log, changesWith(log, "9.8.7", date))).toEqual(["## 9.8.7 - 2026-12-03"]);
  const schema = read("docs/schema/openapi.json");
  expect(changed(schema, openApiWith(schema, "9.8.7"))).toEqual(['    "version": "9.8.7",']);
});

test("the change log does not say any more that nothing has been released", () => {
  const first = "# Changelog\n\n## Unreleased\n\nNothing has been released yet.\nThis is all.\n\n### Added\n\n- All.\n";
  const released = "# Changelog\n\n## Unreleased\n\n## 1.0.0 - 2026-12-03\n\n### Added\n\n- All.\n";
  expect(changesWith(first, "1.0.0", date)).toBe(released);
  expect(changesWith(released, "1.0.1", date)).toBe(released.replace("## 1.0.0", "## 1.0.1 - 2026-12-03\n\n## 1.0.0"));
});

test("a page takes the version in the names of files and images, all of them, and nowhere else", () => {
  const page =
    "upkeep_1.2.3-1_amd64.deb upkeep-1.2.3-oci.tar upkeep-linux-x64-1.2.3.tgz x/upkeep-layer:1.2.3 before 1.2.3 upkeep-1.2.31 upkeep-1x2.3";
  expect(pageWith(page, "1.2.3", "0.10.0")).toBe(
    "upkeep_0.10.0-1_amd64.deb upkeep-0.10.0-oci.tar upkeep-linux-x64-0.10.0.tgz x/upkeep-layer:0.10.0 before 1.2.3 upkeep-1.2.31 upkeep-1x2.3",
  );
  expect(() => pageWith(page, "0.2.0", "0.3.0")).toThrow(/nothing that matches/);
});

test("a file without a version is an error", () => {
  expect(() => manifestWith("{}", "1.0.0")).toThrow(/nothing that matches/);
});

test("every target has a runtime of the version that everything else is built with", () => {
  const { optionalDependencies } = JSON.parse(read("scripts/release/runtimes/package.json")) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const [, bun] = /^ {2}bun: (.*)$/m.exec(read("pnpm-workspace.yaml")) ?? [];
  const runtimes = Object.fromEntries(
    Object.entries(optionalDependencies).filter(([name]) => name.startsWith("@oven/")),
  );
  expect(runtimes).toEqual(Object.fromEntries(targets.map(({ runtime }) => [runtime, bun])));
});

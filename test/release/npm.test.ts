import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { platformManifest, platforms, suiteManifest } from "../../scripts/release/npm/manifests.ts";
import { targets } from "../../scripts/release/targets.ts";

test("each package with an executable says for which machine it is", () => {
  expect(platformManifest("linux-arm64-musl", "1.2.3")).toMatchObject({
    name: "@upkeep/linux-arm64-musl",
    version: "1.2.3",
    os: ["linux"],
    cpu: ["arm64"],
    libc: ["musl"],
  });
  const names = targets.map(({ name }) => name);
  expect(Object.keys(platforms).filter((name) => !names.includes(name))).toEqual([]);
});

test("the package upkeep wants those of the very same version, and can do without", () => {
  const manifest = suiteManifest("1.2.3", ["sv", "chpst"], ["man/sv.8"]);
  expect(manifest["optionalDependencies"]).toEqual({
    "@upkeep/linux-x64": "1.2.3",
    "@upkeep/linux-x64-musl": "1.2.3",
    "@upkeep/linux-arm64": "1.2.3",
    "@upkeep/linux-arm64-musl": "1.2.3",
  });
  expect(manifest["dependencies"]).toBeUndefined();
  expect(manifest["bin"]).toEqual({ chpst: "bin/chpst", sv: "bin/sv" });
});

test("koffi is of one version, whatever machine it is for", () => {
  const [, wanted] = /^ {2}koffi: (.*)$/m.exec(readFileSync("pnpm-workspace.yaml", "utf8")) ?? [];
  const { optionalDependencies } = JSON.parse(readFileSync("scripts/release/runtimes/package.json", "utf8")) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const versions = Object.entries(optionalDependencies).filter(([name]) => name.startsWith("@koromix/"));
  expect(versions).toEqual([
    ["@koromix/koffi-linux-arm64", wanted],
    ["@koromix/koffi-linux-x64", wanted],
  ]);
});

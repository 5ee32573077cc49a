import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { readBunLicence } from "../../scripts/build/licences.ts";
import { type Contents, libraryTable, renderBill, specification } from "../../scripts/release/bill.ts";

const part = { version: "1.2.3", licence: "MIT", sha512: "ab".repeat(64) };

const contents: Contents = {
  version: "9.8.7",
  licence: "MIT",
  target: "linux-x64",
  commit: "0123456789abcdef0123456789abcdef01234567",
  sha256: "cd".repeat(32),
  libraries: [
    { ...part, name: "yargs" },
    { ...part, name: "@alcalzone/ansi-tokenize", licence: "see LICENSE" },
  ],
  runtime: { ...part, name: "@oven/bun-linux-x64", inside: libraryTable(await readBunLicence()) },
  time: new Date("2026-12-03T12:00:00Z"),
};

interface Bill {
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly purl: string } };
  readonly components: readonly { readonly purl: string; readonly components?: readonly { readonly name: string }[] }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

function billOf(change: Partial<Contents> = {}): Bill {
  return JSON.parse(renderBill({ ...contents, ...change })) as Bill;
}

test("a bill is valid by its schema, which allows no unknown word", async () => {
  const validator = new JsonStrictValidator(specification.version);
  const text = renderBill(contents);
  expect(await validator.validate(text)).toBe(null);
  expect(await validator.validate(text.replace('"version"', '"versoin"'))).not.toBe(null);
});

test("a bill names what is inside by the names that scanners know", () => {
  const { metadata, components, dependencies } = billOf();
  expect(metadata.component.purl).toBe("pkg:generic/upkeep@9.8.7");
  expect(components.map(({ purl }) => purl)).toEqual([
    "pkg:npm/%40alcalzone/ansi-tokenize@1.2.3",
    "pkg:npm/%40oven/bun-linux-x64@1.2.3",
    "pkg:npm/yargs@1.2.3",
  ]);
  expect(components[1]?.components?.map(({ name }) => name)).toContain("boringssl");
  expect(dependencies.find(({ ref }) => ref === "upkeep")?.dependsOn).toEqual([
    "@alcalzone/ansi-tokenize@1.2.3",
    "@oven/bun-linux-x64@1.2.3",
    "yargs@1.2.3",
  ]);
});

test("the same contents make the same bytes in whatever order they come, and others another serial number", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 9 });
  const shuffled = names.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  const librariesOf = (all: readonly string[]): Contents["libraries"] => all.map((name) => ({ ...part, name }));
  fc.assert(
    fc.property(shuffled, ([one, other]) => {
      const [first, second] = [one, other].map((all) => renderBill({ ...contents, libraries: librariesOf(all) }));
      expect(first).toBe(second);
    }),
    { numRuns: 50 },
  );
  expect(billOf({ sha256: "ef".repeat(32) }).serialNumber).not.toBe(billOf().serialNumber);
});

test("what Bun's page lists as linked is read, without what is only on Windows", () => {
  const inside = contents.runtime.inside;
  const named = (wanted: string): string | undefined => inside.find(({ name }) => name === wanted)?.licence;
  expect(["JavaScriptCore", "brotli", "lol-html", "simdutf", "zlib-ng", "sqlite", "libuv"].map(named)).toEqual([
    "LGPL-2",
    "MIT",
    "BSD-3-Clause",
    "Apache-2.0",
    "Zlib",
    "public domain",
    undefined,
  ]);
  expect(() => libraryTable("# License\n")).toThrow("lists no linked libraries");
});

import { expect, test } from "vitest";

import { importCompose } from "../../src/core/compose/compose.ts";
import { importProcessCompose } from "../../src/core/process-compose/process-compose.ts";
import { importPm2 } from "../../src/core/pm2/pm2.ts";
import { readIni } from "../../src/core/ini.ts";
import { importSupervisord } from "../../src/core/supervisord/supervisord.ts";
import { readScript } from "../../src/core/tree/read-script.ts";
import { readYaml } from "../../src/core/tree/read-yaml.ts";
import type { Tree } from "../../src/core/tree/tree.ts";

// Whatever a file holds, it gets one line, and not the memory or the time of the machine.

const megabyte = 1024 ** 2;

function tree(text: string): Tree {
  const read = readYaml(text);
  if (!("kind" in read)) throw new Error(read.text);
  return read;
}

test.each([
  ["lists in lists", "[".repeat(megabyte)],
  ["mappings in mappings", "{a: ".repeat(megabyte / 4)],
  ["dashes", "- ".repeat(megabyte / 2)],
  ["indentation", Array.from({ length: 1000 }, (_each, at) => `${" ".repeat(at)}a:`).join("\n")],
])("nesting by %s is refused", (_what, text) => {
  expect(readYaml(text)).toMatchObject({ text: expect.stringMatching(/nested too deeply|is no YAML/) });
});

test("aliases of aliases end at a number of values", () => {
  const level = (at: number): string =>
    `l${at}: &l${at} [${Array(10)
      .fill(`*l${at - 1}`)
      .join(", ")}]`;
  const bomb = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]", ...Array.from({ length: 9 }, (_each, at) => level(at + 1))];
  expect(readYaml(bomb.join("\n"))).toMatchObject({ text: "has too many values, or aliases of aliases" });
});

test("an alias of what it stands in, and one of nothing, are refused", () => {
  expect(readYaml("a: &a\n  b: *a\n")).toMatchObject({ line: expect.any(Number), text: "is nested too deeply" });
  expect(readYaml("a: *none\n")).toMatchObject({ line: 1, text: expect.stringContaining("") });
});

test("many keys, anchors and aliases take no more than moments", () => {
  const keys = Array.from({ length: 10_000 }, (_each, at) => `k${at}: 1`).join("\n");
  expect(tree(keys)).toMatchObject({ kind: "map" });
  const aliases = `a: &a 1\nb: [${Array(10_000).fill("*a").join(", ")}]`;
  expect(tree(aliases)).toMatchObject({ kind: "map" });
});

test.each([
  ["JavaScript", `module.exports = ${"[".repeat(100_000)}`],
  ["JavaScript that ends", `module.exports = ${"[".repeat(60)}${"]".repeat(60)}`],
  ["JSON", "{".repeat(100_000)],
  ["constants in a circle", "const a = [b];\nconst b = [a];\nmodule.exports = a;"],
  ["a regular expression", "module.exports = /x/;"],
  ["a getter", "module.exports = { get apps() { return []; } };"],
  ["a call", "module.exports = { apps: process.exit() };"],
  ["a spread", "module.exports = { ...process.env };"],
  ["nothing", ""],
])("%s is read without being run", (what, text) => {
  expect(readScript(text, what === "JSON")).toMatchObject({ line: expect.any(Number), text: expect.any(String) });
});

test("__proto__ is a key like any other", () => {
  const read = readScript(
    `{"apps": [{"name": "a", "script": "x", "__proto__": {"cwd": "/"}, "constructor": 1}]}`,
    true,
  );
  if (!("kind" in read)) throw new Error(read.text);
  const { entries } = importPm2(read, "f", "/");
  expect(entries.filter(({ outcome }) => outcome.kind === "unknown").map(({ key }) => key)).toEqual([
    "__proto__",
    "constructor",
  ]);
});

const names = ["..", "../x", "a/b", "-rf", ".hidden", "a\nb", "a\u0007", "x".repeat(300), "", "a\u2028b"];

test.each(names.map((name) => [JSON.stringify(name)]))("nobody is called %s", (name) => {
  const pm2 = readScript(`{"apps": [{"name": ${name}, "script": "x"}]}`, true);
  const read = [
    importProcessCompose(tree(`processes:\n  ${name}:\n    command: x\n`), "f", "/"),
    importCompose(tree(`services:\n  ${name}:\n    command: x\n`), "f", "/", new Map(), null),
    "kind" in pm2 ? importPm2(pm2, "f", "/") : null,
  ];
  expect(read.map((imported) => imported?.services)).toEqual([[], [], []]);
  for (const imported of read) expect(imported?.failures).toHaveLength(1);
});

test("copies without end are refused", () => {
  const many = readScript(`{"apps": [{"name": "a", "script": "x", "instances": 1000000000}]}`, true);
  expect("kind" in many ? importPm2(many, "f", "/").failures : []).toMatchObject([
    { text: "app a: has more than 1000 instances" },
  ]);
  const { services, failures } = importProcessCompose(
    tree("processes:\n  a:\n    command: x\n    replicas: 1000000000\n"),
    "f",
    "/",
  );
  expect([services, failures.length]).toEqual([[], 1]);

  const app = `{"script": "x", "instances": 1000},`;
  const apps = readScript(`{"apps": [${app.repeat(20_000)}]}`, true);
  expect("kind" in apps ? importPm2(apps, "f", "/").failures : []).toMatchObject([
    { text: "makes more than 10000 services" },
  ]);
  const processes = Array.from({ length: 2000 }, (_each, at) => `  p${at}: {command: x, replicas: 1000}`);
  expect(importProcessCompose(tree(`processes:\n${processes.join("\n")}`), "f", "/").failures).toHaveLength(1);
  const programs = Array.from({ length: 2000 }, (_each, at) => `[program:p${at}]\ncommand=x\nnumprocs=1000\n`);
  const ini = readIni(programs.join(""));
  expect(importSupervisord([{ file: "f", here: "/", ini, isIncluded: false }]).failures).toHaveLength(1);
});

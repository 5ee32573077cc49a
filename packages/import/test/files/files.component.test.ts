import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readSources } from "../../src/files/read-source.ts";
import { writeServices } from "../../src/files/write-services.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "upkeep-unit-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function lay(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const program = (name: string, command = "id"): string => `[program:${name}]\ncommand=${command}\n`;
const names = (path: string): readonly string[] =>
  readSources([join(root, path)], null).services.map(({ name }) => name);

describe("reading", () => {
  test("includes files by patterns, in their order, relative to the file", () => {
    lay({
      "supervisord.conf": `[include]\nfiles = conf.d/*.conf\n  %(here)s/more.ini\n${program("first")}`,
      "conf.d/b.conf": program("b"),
      "conf.d/a.conf": program("a"),
      "more.ini": program("more"),
    });
    expect(names("supervisord.conf")).toEqual(["first", "a", "b", "more"]);
  });

  test("follows no include of an included file: a circle ends", () => {
    lay({
      "supervisord.conf": `[include]\nfiles = a.conf\n`,
      "a.conf": `[include]\nfiles = supervisord.conf a.conf\n${program("a")}`,
    });
    expect(names("supervisord.conf")).toEqual(["a"]);
  });

  test("names an included file that is not there, and goes on", () => {
    lay({ "supervisord.conf": `${program("a")}[include]\nfiles = gone.conf none-*.conf\n` });
    const { services, failures } = readSources([join(root, "supervisord.conf")], null);
    expect(services.map(({ name }) => name)).toEqual(["a"]);
    expect(failures).toMatchObject([{ place: { line: 4 }, text: "there is no file gone.conf" }]);
  });

  test("finds the well-known file of a directory", () => {
    lay({
      "one/Procfile": "web: id\n",
      "two/Procfile": "web: id\n",
      "two/supervisord.conf": program("a"),
      "none/x": "",
    });
    expect(names("one")).toEqual(["web"]);
    expect(() => names("two")).toThrow("holds supervisord.conf and Procfile: name one");
    expect(() => names("none")).toThrow("holds none of supervisord.conf, supervisor.conf, Procfile");
  });

  test("refuses what is no such file, with the reason", () => {
    lay({ big: "#".repeat(1024 ** 2 + 1), binary: "web: \0", unknown: "hello\n" });
    symlinkSync("/dev/zero", join(root, "endless"));
    expect(() => names("gone")).toThrow("unable to read it: file does not exist");
    expect(() => names("big")).toThrow("unable to read it: file too big");
    expect(() => names("endless")).toThrow("unable to read it: not a regular file");
    expect(() => names("binary")).toThrow("is no text: it has a NUL");
    expect(() => names("unknown")).toThrow("is of no known format: name it with --format");
  });

  test("reads .env beside a Procfile at each start, if sh takes it for the same", () => {
    lay({
      "a/Procfile": "web: id\n",
      "a/.env": "A=1\nB='x y'\n# c\n",
      "b/Procfile": "web: id\n",
      "b/.env": "A=1\nB=x y\n",
    });
    const [web] = readSources([join(root, "a")], null).services;
    expect(web?.environment[0]).toEqual({ path: [join(root, "a/.env")], optional: false });
    const { services, entries } = readSources([join(root, "b")], null);
    expect(services[0]?.environment).toEqual([["PORT", ["5000"]]]);
    expect(entries[0]).toMatchObject({ key: ".env", place: { line: 2 }, outcome: { kind: "lost" } });
  });
});

describe("units", () => {
  const unit = "[Service]\nExecStart=/bin/app %i\n";
  const commands = (...paths: readonly string[]): readonly unknown[] =>
    readSources(
      paths.map((path) => join(root, path)),
      null,
    ).services.map(({ name, command }) => [name, command]);

  test("take drop-ins of the template, and then of the instance, in the order of their names", () => {
    lay({
      "app@.service": unit,
      "app@.service.d/all.conf": "[Service]\nNice=1\nUser=all\n",
      "app@one.service.d/20.conf": "[Service]\nNice=3\n",
      "app@one.service.d/10.conf": "[Service]\nNice=2\nExecStart=\nExecStart=/bin/other %I\n",
      "app@one.service.d/ignored": "[Service]\nNice=4\n",
    });
    const { services, entries } = readSources([join(root, "app@one.service")], null);
    expect(services).toMatchObject([
      { name: "app@one", options: ["-n 3"], user: { name: "all" }, command: { words: [["/bin/other"], ["one"]] } },
    ]);
    expect(entries.filter(({ key }) => key === "Nice").map(({ outcome }) => outcome.kind)).toEqual([
      "needless",
      "needless",
      "became",
    ]);
  });

  test("are named by instances, of which one may have a file of its own", () => {
    lay({ "app@.service": unit, "app@two.service": "[Service]\nExecStart=/bin/two\n" });
    expect(commands("app@a-b.service", "app@two.service")).toEqual([
      ["app@a-b", { kind: "words", words: [["/bin/app"], ["a-b"]] }],
      ["app@two", { kind: "words", words: [["/bin/two"]] }],
    ]);
    expect(readSources([join(root, "app@.service")], null).failures).toMatchObject([
      { text: "it is a template: name an instance, as in app@NAME.service" },
    ]);
    expect(() => commands("none@a.service")).toThrow("unable to read it: file does not exist");
  });

  test("know each other", () => {
    lay({
      "a.service": "[Unit]\nAfter=b.service c.service\n[Service]\nExecStart=/bin/a\n",
      "b.service": "[Unit]\nBefore=a.service b.service\n[Service]\nExecStart=/bin/b\n",
      "c.service": "[Service]\n",
    });
    const { services, failures } = readSources([root], null);
    expect(services.map(({ name, dependencies }) => [name, dependencies])).toEqual([
      ["a", ["b"]],
      ["b", []],
    ]);
    expect(failures).toMatchObject([{ text: "has no ExecStart that can be read" }]);
  });
});

describe("writing", () => {
  const write = (replace = false): void => {
    writeServices(readSources([join(root, "supervisord.conf")], null).services, join(root, "out"), replace);
  };

  test("makes whole directories with their modes, and leaves nothing else", () => {
    lay({ "supervisord.conf": `${program("a")}stopasgroup=1\n${program("b")}` });
    const before = process.umask(0o077);
    try {
      write();
    } finally {
      process.umask(before);
    }
    expect(readdirSync(join(root, "out")).toSorted()).toEqual(["a", "b"]);
    expect(statSync(join(root, "out/a/run")).mode & 0o7777).toBe(0o755);
    expect(statSync(join(root, "out/a/control/t")).mode & 0o7777).toBe(0o755);
    expect(statSync(join(root, "out/a/timeout-kill")).mode & 0o7777).toBe(0o644);
    expect(readFileSync(join(root, "out/a/timeout-kill"), "utf8")).toBe("10000\n");
  });

  test("overwrites nothing: one that is there keeps all from being written", () => {
    lay({ "supervisord.conf": program("a") + program("b"), "out/b/run": "mine" });
    expect(() => write()).toThrow("b is there already: remove it, or keep a copy of it with --replace");
    expect(readdirSync(join(root, "out"))).toEqual(["b"]);
  });

  test("replaces on demand, and keeps each former directory", () => {
    lay({ "supervisord.conf": program("a"), "out/a/run": "one" });
    write(true);
    write(true);
    expect(readdirSync(join(root, "out")).toSorted()).toEqual([".a.before-import-1", ".a.before-import-2", "a"]);
    expect(readFileSync(join(root, "out/.a.before-import-1/run"), "utf8")).toBe("one");
  });

  test("loses nothing where it fails in the middle", () => {
    const long = "n".repeat(250);
    lay({ "supervisord.conf": program("a") + program(long), "out/.keep": "", [`out/${long}/run`]: "mine" });
    expect(() => write(true)).toThrow("file name too long");
    expect(readdirSync(join(root, "out")).toSorted()).toEqual([".keep", "a", long]);
    expect(readFileSync(join(root, "out", long, "run"), "utf8")).toBe("mine");
  });
});

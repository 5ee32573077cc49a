import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { readCommandLine } from "../../src/core/arguments.ts";
import { emptyPlan, type Plan } from "../../src/core/plan.ts";
import { usageOf } from "../../src/core/usage.ts";

const read = (...args: readonly string[]): unknown => readCommandLine("chpst", args);
const plan = (program: string, changes: Partial<Plan> = {}): unknown => ({
  plan: { ...emptyPlan, program, argv: [program], ...changes },
});
const misuse = (complaint = ""): unknown => ({ stop: { complaint: `${complaint}${usageOf("chpst")}` } });

describe("chpst", () => {
  test("changes nothing without options", () => {
    expect(read("prog")).toEqual(plan("prog"));
    expect(read("--", "-prog")).toEqual(plan("-prog"));
    expect(read("-", "x")).toEqual(plan("-", { argv: ["-", "x"] }));
  });

  test("leaves the program's own words alone, whatever they are", () => {
    const words = fc.array(fc.oneof(fc.string(), fc.constantFrom("-u", "--help", "--", "-z", "")));
    fc.assert(
      fc.property(words, (own) => {
        expect(read("-P", "prog", ...own)).toEqual(plan("prog", { wantsSession: true, argv: ["prog", ...own] }));
      }),
    );
  });

  test("takes every option, glued, bundled or not", () => {
    expect(
      read("-vPuapp", "-U", ":1:2", "-b", "other", "-e", "env", "-/", "root", "-Cdir", "-n-5", "-2", "-0", "prog"),
    ).toEqual(
      plan("prog", {
        argv: ["other"],
        wantsSession: true,
        user: { kind: "user:group", text: "app" },
        shownUser: { kind: "user:group", text: ":1:2" },
        environmentDirectory: { path: "env", onDirectory: "warn" },
        root: "root",
        directory: "dir",
        nice: -5,
        closed: [0, 2],
      }),
    );
  });

  test("-F keeps the rest of the command line for the process inside", () => {
    expect(read("-vFu", "app", "-n5", "prog", "-F", "x")).toEqual(
      plan("prog", {
        argv: ["prog", "-F", "x"],
        user: { kind: "user:group", text: "app" },
        nice: 5,
        namespaced: ["-v", "-u", "app", "-n", "5", "--", "prog", "-F", "x"],
      }),
    );
  });

  test("of an option that is repeated the last one counts, but a second lock makes no sense", () => {
    expect(read("-u", "a", "-u", "b", "-e", "x", "-ey", "prog")).toEqual(
      plan("prog", {
        user: { kind: "user:group", text: "b" },
        environmentDirectory: { path: "y", onDirectory: "skip" },
      }),
    );
    expect(read("-l", "a", "prog")).toEqual(plan("prog", { lock: { path: "a", waits: true } }));
    expect(read("-L", "a", "prog")).toEqual(plan("prog", { lock: { path: "a", waits: false } }));
    expect(read("-l", "a", "-L", "b", "prog")).toEqual(misuse());
  });

  test("sets limits in a fixed order, the last of each", () => {
    expect(read("-t", "5", "-m", "10", "-d", "7", "-o", "", "prog")).toEqual(
      plan("prog", {
        limits: [
          { resource: "data", value: 7n },
          { resource: "stack", value: 10n },
          { resource: "memlock", value: 10n },
          { resource: "as", value: 10n },
          { resource: "nofile", value: 0n },
          { resource: "cpu", value: 5n },
        ],
      }),
    );
  });

  test.each(["x", "1x", "+-1", "--1", " 1", "1.5"])("-n %j makes no sense", (value) => {
    expect(read("-n", value, "prog")).toEqual(misuse());
  });

  test.each([
    ["", 0],
    ["+", 0],
    ["+7", 7],
    ["99999999999999999999", 40],
    ["-99999999999999999999", -40],
  ])("-n %j adds %d", (value, nice) => {
    expect(read("-n", value, "prog")).toEqual(plan("prog", { nice }));
  });

  test("complains about what comes first", () => {
    expect(read("-m", "x", "-z", "prog")).toEqual(misuse());
    expect(read("-z", "-m", "x", "prog")).toEqual(misuse("chpst: illegal option -- z\n"));
    expect(read("-Pu")).toEqual(misuse("chpst: option requires an argument -- u\n"));
    expect(read("-u", "nobody")).toEqual(misuse());
    expect(read()).toEqual(misuse());
    expect(read("-V", "-z")).toMatchObject({
      stop: { complaint: expect.stringMatching(/^\$Id: upkeep .* \$\nusage: /) },
    });
  });

  test("knows two long options", () => {
    expect(read("-v", "--help")).toEqual({ stop: "help" });
    expect(read("--version", "prog")).toEqual({ stop: "version" });
    expect(read("--user", "prog")).toEqual(misuse("chpst: illegal option -- user\n"));
  });
});

describe("other names", () => {
  const called = (name: string, ...args: readonly string[]): unknown => readCommandLine(name, args);

  test("have no options but their own", () => {
    for (const d of ["", "d"]) {
      expect(called(`${d}setuidgid`, "-u", "prog")).toEqual(plan("prog", { user: { kind: "account", text: "-u" } }));
      expect(called(`${d}envuidgid`, "--", "prog")).toEqual(
        plan("prog", { shownUser: { kind: "account", text: "--" } }),
      );
      expect(called(`${d}envdir`, "-v", "prog")).toEqual(
        plan("prog", { environmentDirectory: { path: "-v", onDirectory: "fail" } }),
      );
      expect(called(`${d}pgrphack`, "-P")).toEqual(plan("-P", { wantsSession: true }));
    }
  });

  test("setlock takes the last of -n and -N, and of -x and -X", () => {
    expect(called("setlock", "f", "prog", "-n")).toEqual(
      plan("prog", { argv: ["prog", "-n"], lock: { path: "f", waits: false } }),
    );
    expect(called("setlock", "-Nnx", "f", "prog")).toEqual(
      plan("prog", { lock: { path: "f", waits: true }, isSilent: true }),
    );
    expect(called("setlock", "-nxN", "-X", "f", "prog")).toEqual(plan("prog", { lock: { path: "f", waits: false } }));
  });

  test("softlimit takes = for the hard limit", () => {
    expect(called("softlimit", "-a=", "-s", "5", "prog")).toEqual(
      plan("prog", {
        limits: [
          { resource: "stack", value: 5n },
          { resource: "as", value: "hard" },
        ],
      }),
    );
    expect(called("dsoftlimit", "-z")).toEqual({
      stop: { complaint: `dsoftlimit: illegal option -- z\n${usageOf("softlimit")}` },
    });
    expect(called("softlimit", "-a", "x", "prog")).toEqual({ stop: { complaint: usageOf("softlimit", "chpst") } });
  });

  test.each(["setuidgid", "envuidgid", "envdir", "pgrphack", "setlock", "softlimit"] as const)(
    "%s needs a program, and answers --help and --version",
    (name) => {
      const one = name === "pgrphack" || name === "softlimit" ? [] : ["x"];
      expect(called(name, ...one)).toEqual({ stop: { complaint: usageOf(name) } });
      expect(called(name)).toEqual({ stop: { complaint: usageOf(name) } });
      expect(called(name, "--help")).toEqual({ stop: "help" });
      expect(called(name, "--version")).toEqual({ stop: "version" });
    },
  );
});

import { pathOfService } from "@upkeep/client/core/service-path";
import { UsageError } from "@upkeep/program/core/usage";
import { readOptions, readRequest, type Words } from "@upkeep/sv/core/arguments";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const usage = "usage: sv [-v] [-w sec] command service ...\n\n";

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
}

describe("options", () => {
  test.each([
    [["up", "-w"], {}, ["up", "-w"]],
    [["-v", "up", "-w"], { v: true }, ["up", "-w"]],
    [["-vw", "2", "up"], { v: true, w: "2" }, ["up"]],
    [["-vw2"], { v: true, w: "2" }, []],
    [["-w1", "-w2"], { w: "2" }, []],
    [["-wv", "up"], { w: "v" }, ["up"]],
    [["-w", "-V", "up"], { w: "-V" }, ["up"]],
    [["-w", "--", "up"], { w: "--" }, ["up"]],
    [["-w", "", "up"], { w: "" }, ["up"]],
    [["-w=3"], { w: "=3" }, []],
    [["-v", "--", "-v"], { v: true }, ["-v"]],
    [["-v", "-", "-v"], { v: true }, ["-", "-v"]],
    [["-v", "", "-v"], { v: true }, ["", "-v"]],
  ])("%j are told apart into %j and %j", (args, options, operands) => {
    expect(readOptions("sv", args)).toEqual({ options, operands });
  });

  test.each([
    [
      ["--help", "up"],
      ["--help", "--", "up"],
    ],
    [
      ["-vw2", "--help", "-wv"],
      ["-v", "--w=2", "--help", "--w=v", "--"],
    ],
    [
      ["--w", "3", "-v"],
      ["--w", "--", "3", "-v"],
    ],
    [
      ["--help", "-vw"],
      ["--help", "-v", "-w"],
    ],
  ])("%j, with a long one, are spelled out as %j", (args, spelledOut) => {
    expect(readOptions("sv", args)).toEqual({ args: spelledOut });
  });

  test("-w needs its number", () => {
    expect(messageOf(() => readOptions("sv", ["-v", "-w"]))).toBe(`sv: option requires an argument -- w\n${usage}`);
  });

  test.each([
    [["-x"], "x"],
    [["-vx"], "x"],
    [["-xV"], "x"],
    [["-v-x"], "-"],
    [["-v=3"], "="],
    [["-1"], "1"],
    [["-v", "-é"], "é"],
    [["--help", "-x"], "x"],
    [["-😀"], "😀"],
  ])("%j hold an illegal option", (args, letter) => {
    expect(messageOf(() => readOptions("sv", args))).toBe(`sv: illegal option -- ${letter}\n${usage}`);
  });

  test("-V says who it is, and the usage, before anything behind it is looked at", () => {
    for (const args of [["-V"], ["-vVx"], ["-v", "-V", "-x"]]) {
      expect(messageOf(() => readOptions("sv", args))).toMatch(/^\$Id: upkeep \d[^\n]* \$\nusage: sv .*\n\n$/);
    }
  });

  test("whatever comes as operands, leading dashes and all, stays as it is", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("-", "--", "-v", "-x", "-w", "up", "")), (operands) => {
        expect(readOptions("sv", ["-v", "up", ...operands])).toEqual({
          options: { v: true },
          operands: ["up", ...operands],
        });
      }),
    );
  });
});

describe("request", () => {
  const request = (options: Words["options"], environment: Readonly<Record<string, string>>) =>
    readRequest("sv", { options, operands: ["up", "a"] }, environment);

  test("names command and services", () => {
    expect(readRequest("sv", { options: {}, operands: ["up", "-x", "b c"] }, {})).toEqual({
      mode: "sv",
      command: "up",
      services: ["-x", "b c"],
      directory: "/etc/service",
      isVerbose: false,
      waitSeconds: 7,
    });
  });

  test("takes an init script's service from the name it was called by", () => {
    const { mode, command, services } = readRequest("web", { options: {}, operands: ["start", "b"] }, {});
    expect([mode, command, services]).toEqual(["lsb", "start", ["web"]]);
  });

  test("needs a command, and a service unless it is an init script", () => {
    expect(messageOf(() => readRequest("sv", { options: {}, operands: [] }, {}))).toBe(usage);
    expect(messageOf(() => readRequest("sv", { options: {}, operands: ["up"] }, {}))).toBe(usage);
    expect(messageOf(() => readRequest("web", { options: {}, operands: [] }, {}))).toBe(
      "usage: web [-w sec] command\n\n",
    );
  });

  test.each([
    [{}, {}, 7],
    [{}, { SVWAIT: "3" }, 3],
    [{ w: "2" }, { SVWAIT: "3" }, 2],
    [{ w: "2x" }, {}, 2],
    [{ w: "" }, {}, 0],
    [{ w: "-1" }, {}, 0],
    [{ w: " 1" }, {}, 0],
    [{ w: "0x10" }, {}, 0],
    [{}, { SVWAIT: "" }, 0],
    [{}, { SVWAIT: "soon" }, 0],
  ])("with %j and %j waits %d s", (options, environment, seconds) => {
    expect(request(options, environment).waitSeconds).toBe(seconds);
  });

  test("is verbose with -v and with -w", () => {
    expect([{}, { v: true }, { w: "1" }].map((options) => request(options, {}).isVerbose)).toEqual([false, true, true]);
  });

  test("finds services where SVDIR says, be it nowhere", () => {
    expect(request({}, { SVDIR: "/srv" }).directory).toBe("/srv");
    expect(request({}, { SVDIR: "" }).directory).toBe("");
  });
});

describe("path of a service", () => {
  test.each([
    ["web", "/srv/web"],
    ["web/log", "/srv/web/log"],
    ["-x", "/srv/-x"],
    ["a b", "/srv/a b"],
    [".", "."],
    ["./web", "./web"],
    ["../web", "../web"],
    [".hidden", ".hidden"],
    ["/web", "/web"],
    ["web/", "web/"],
    ["a/b/", "a/b/"],
    ["", null],
  ])("%j is at %j", (label, path) => {
    expect(pathOfService(label, "/srv")).toBe(path);
  });

  test("an empty service directory holds nothing, the working directory still does", () => {
    expect(pathOfService("web", "")).toBeNull();
    expect(pathOfService("./web", "")).toBe("./web");
  });
});

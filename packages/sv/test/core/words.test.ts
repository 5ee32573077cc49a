import { UsageError } from "@upkeep/program/core/usage";
import { isExtension, readExtension } from "@upkeep/sv/core/words";
import { describe, expect, test } from "vitest";

const words = ["wait", "health", "list", "enable", "disable"];

describe("new words", () => {
  test("count when they are written out", () => {
    for (const word of words) expect(isExtension([word, "web"])).toBe(true);
    expect(isExtension(["status", "--json"])).toBe(true);
    expect(isExtension(["status", "web", "--json"])).toBe(true);
  });

  test("leave every abbreviation, and everything else, to runit", () => {
    for (const word of words) {
      for (let length = 0; length < word.length; length++) expect(isExtension([word.slice(0, length)])).toBe(false);
      expect(isExtension([`${word}s`])).toBe(false);
      expect(isExtension([word.toUpperCase()])).toBe(false);
    }
    for (const command of [["status"], ["status", "web"], ["s", "--json"], ["statu", "--json"], []]) {
      expect(isExtension(command)).toBe(false);
    }
  });
});

describe("a command line", () => {
  test.each([
    [["status", "--json"], { kind: "json", services: [] }],
    [["status", "a", "--json", "b"], { kind: "json", services: ["a", "b"] }],
    [["health"], { kind: "health", services: [] }],
    [["list", "a*"], { kind: "list", isWide: false, isWatching: false, services: ["a*"] }],
    [
      ["list", "--wide", "a", "--", "--watch"],
      { kind: "list", isWide: true, isWatching: false, services: ["a", "--watch"] },
    ],
    [["graph"], { kind: "graph", format: "text", services: [] }],
    [["graph", "--dot", "a"], { kind: "graph", format: "dot", services: ["a"] }],
    [["list", "--json"], { kind: "json", services: [] }],
    [["show", "a", "--json"], { kind: "show", isJson: true, services: ["a"] }],
    [["enable", "a", "/b"], { kind: "enable", services: ["a", "/b"] }],
    [["disable", "--", "-a"], { kind: "disable", services: ["-a"] }],
    [["enable", "web", "--", "-x"], { kind: "enable", services: ["web", "-x"] }],
    [["wait", "up", "--", "-x"], { kind: "wait", state: "up", seconds: null, services: ["-x"] }],
    [["wait", "--", "up", "a"], { kind: "wait", state: "up", seconds: null, services: ["a"] }],
    [["wait", "up", "a"], { kind: "wait", state: "up", seconds: null, services: ["a"] }],
    [["wait", "-t", "3", "ready", "a", "b"], { kind: "wait", state: "ready", seconds: 3, services: ["a", "b"] }],
    [["wait", "-t0.5", "failed", "a"], { kind: "wait", state: "failed", seconds: 0.5, services: ["a"] }],
    [["wait", "-t1", "-t", "2", "down", "a"], { kind: "wait", state: "down", seconds: 2, services: ["a"] }],
  ])("%j is understood", (command, expected) => {
    expect(readExtension(command)).toEqual(expected);
  });

  const usages = {
    wait: "wait [-t sec] up|down|ready|failed service ...",
    health: "health [service ...]",
    list: "list [--wide] [--watch] [--json] [service ...]",
    enable: "enable service ...",
    disable: "disable service ...",
  } as const;

  test.each<readonly [readonly [keyof typeof usages, ...string[]], string]>([
    [["wait"], "no state given"],
    [["wait", "up"], "no service given"],
    [["wait", "-t"], "option requires an argument -- t"],
    [["wait", "-t", "soon", "up", "a"], "illegal argument -- t soon"],
    [["wait", "-t", "-1", "up", "a"], "illegal argument -- t -1"],
    [["wait", "-t", "9007199254741", "up", "a"], "illegal argument -- t 9007199254741"],
    [["wait", "gone", "a"], "unknown state -- gone"],
    [["wait", "a\x1b[m", "a"], "unknown state -- a\\x1b[m"],
    [["wait", "ready", "-t", "1", "a"], "option must come before the state -- t"],
    [["wait", "-x", "up", "a"], "illegal option -- x"],
    [["health", "-q"], "illegal option -- q"],
    [["health", "a*", "-v"], "option must come before health -- v"],
    [["health", "-w", "3"], "option must come before health -- w"],
    [["health", "-"], "illegal option -- -"],
    [["enable", "--"], "no service given"],
    [["enable", "-x", "--", "a"], "illegal option -- x"],
    [["list", "--all"], "illegal option -- all"],
    [["health", "--json"], "only status, list, show, graph and blame have --json"],
    [["enable"], "no service given"],
    [["enable", "--now", "a"], "illegal option -- now"],
    [["disable"], "no service given"],
  ])("%j is answered with what is wrong with it, and the usage", (command, reason) => {
    const [word] = command;
    const expected = new UsageError(`sv ${word}: ${reason}\nusage: sv ${usages[word]}\n\n`);
    expect(() => readExtension(command)).toThrow(expected);
  });
});

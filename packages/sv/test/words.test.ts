import { UsageError } from "@upkeep/program/usage";
import { isExtension, readExtension } from "@upkeep/sv/words";
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
    [["list", "a*"], { kind: "list", services: ["a*"] }],
    [["enable", "a", "/b"], { kind: "enable", services: ["a", "/b"] }],
    [["disable", "--", "-a"], { kind: "disable", services: ["-a"] }],
    [["wait", "up", "a"], { kind: "wait", goal: "up", seconds: null, services: ["a"] }],
    [["wait", "-t", "3", "ready", "a", "b"], { kind: "wait", goal: "ready", seconds: 3, services: ["a", "b"] }],
    [["wait", "-t0.5", "failed", "a"], { kind: "wait", goal: "failed", seconds: 0.5, services: ["a"] }],
    [["wait", "-t1", "-t", "2", "down", "a"], { kind: "wait", goal: "down", seconds: 2, services: ["a"] }],
  ])("%j is understood", (command, expected) => {
    expect(readExtension(command)).toEqual(expected);
  });

  test.each([
    [["wait"], "wait [-t sec] up|down|ready|failed service ..."],
    [["wait", "up"], "wait [-t sec] up|down|ready|failed service ..."],
    [["wait", "-t"], "wait [-t sec] up|down|ready|failed service ..."],
    [["wait", "-t", "soon", "up", "a"], "wait [-t sec] up|down|ready|failed service ..."],
    [["wait", "-t", "-1", "up", "a"], "wait [-t sec] up|down|ready|failed service ..."],
    [["wait", "gone", "a"], "wait [-t sec] up|down|ready|failed service ..."],
    [["wait", "up", "-t", "3", "a"], "wait [-t sec] up|down|ready|failed service ..."],
    [["health", "-q"], "health [service ...]"],
    [["list", "--all"], "list [service ...]"],
    [["enable"], "enable service ..."],
    [["disable"], "disable service ..."],
  ])("%j is answered with the usage", (command, usage) => {
    expect(() => readExtension(command)).toThrow(new UsageError(`usage: sv ${usage}\n\n`));
  });
});

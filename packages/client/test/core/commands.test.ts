import { taskOf } from "@upkeep/client/core/commands";
import { describe, expect, test } from "vitest";

/** Bytes of each word, whether it waits by itself, and whether it kills when the time is over. */
const rows: readonly (readonly [words: string, bytes: string, waits: boolean, kills: boolean])[] = [
  ["u up upwards", "up", false, false],
  ["d down", "down", false, false],
  ["o once", "once", false, false],
  ["t term try-restar", "term", false, false],
  ["c cont chec", "cont", false, false],
  ["p pause", "pause", false, false],
  ["h hup", "hup", false, false],
  ["a alarm", "alarm", false, false],
  ["i interrupt", "interrupt", false, false],
  ["q quit", "quit", false, false],
  ["1 12 1x", "1", false, false],
  ["2", "2", false, false],
  ["k kill", "kill", false, false],
  ["e exit x", "exit", false, false],
  ["start", "up", true, false],
  ["stop", "down", true, false],
  ["shutdown", "exit", true, false],
  ["restart", "term cont up", true, false],
  ["try-restart", "term cont", true, false],
  ["reload", "hup", true, false],
  ["check", "", true, false],
  ["force-stop D Down", "down", true, true],
  ["force-shutdown X Xit E Exit", "exit", true, true],
  ["force-reload T Term", "term cont", true, true],
  ["force-restart", "term cont up", true, true],
];

describe("command words", () => {
  test.each(rows)("%s send %j", (words, bytes, waits, killsAtTimeout) => {
    const commands = bytes === "" ? [] : bytes.split(" ");
    const goals = words === "check" ? ["check"] : commands;
    for (const word of words.split(" ")) {
      const expected = { kind: "control", commands, goals, waits, killsAtTimeout };
      expect(taskOf(word, "sv")).toEqual(expected);
      expect(taskOf(word, "lsb")).toEqual(expected);
    }
  });

  test("of the words with s only those known are taken from an init script", () => {
    for (const word of ["s", "stat", "status", "startx", "shutdow"]) {
      expect(taskOf(word, "sv")).toEqual({ kind: "status" });
      expect(taskOf(word, "lsb")).toEqual(word === "status" ? { kind: "status" } : null);
    }
  });

  test.each(["", "r", "restar", "reloa", "f", "force", "force-x", "S", "Status", "U", "3", "-", "é"])(
    "%j means nothing",
    (word) => {
      expect(taskOf(word, "sv")).toBeNull();
      expect(taskOf(word, "lsb")).toBeNull();
    },
  );
});

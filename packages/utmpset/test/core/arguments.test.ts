import { expect, test } from "vitest";

import { readWords } from "../../src/core/arguments.ts";

test.each([
  [["tty1"], { kind: "logout", line: "tty1", withWtmp: false }],
  [["-w", "tty1"], { kind: "logout", line: "tty1", withWtmp: true }],
  [["-ww", "-w", "--", "-x"], { kind: "logout", line: "-x", withWtmp: true }],
  [["tty1", "-w"], { kind: "logout", line: "tty1", withWtmp: false }],
  [["-"], { kind: "logout", line: "-", withWtmp: false }],
  [[""], { kind: "logout", line: "", withWtmp: false }],
  [[], { kind: "usage" }],
  [["-w", "--"], { kind: "usage" }],
  [["-wV", "-x"], { kind: "identity" }],
  [["-wx"], { kind: "complaint", letter: "x" }],
  [["-w=1"], { kind: "complaint", letter: "=" }],
  [["--help"], { kind: "long" }],
  [["--wtmp"], { kind: "complaint", letter: "-" }],
])("%j", (words, expected) => {
  expect(readWords(words)).toEqual(expected);
});

import { commandLetters, decodeCommand, type Command } from "@upkeep/supervise/core/command";
import { expect, test } from "vitest";

test("every letter stands for its command, and no other byte for any", () => {
  const known = new Map(Object.entries(commandLetters).map(([command, letter]) => [letter.charCodeAt(0), command]));
  for (let byte = 0; byte < 256; byte++) {
    expect(decodeCommand(byte)).toBe((known.get(byte) as Command | undefined) ?? null);
  }
  expect(known.size).toBe(14);
});

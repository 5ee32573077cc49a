import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { commands } from "../src/commands.ts";
import { wordsOfSv } from "../src/core/choice.ts";

test("the manual names every command and word", () => {
  const manual = readFileSync(`${import.meta.dirname}/../../../man/upkeep.1`, "utf8").replaceAll("\\", "");
  for (const name of [...Object.keys(commands), ...wordsOfSv]) expect(manual).toContain(name);
});

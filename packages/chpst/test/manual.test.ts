import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { chpstLimits, softlimitLimits } from "../src/core/limits.ts";
import { usageOf } from "../src/core/usage.ts";

const manual = readFileSync(`${import.meta.dirname}/../../../man/chpst.8`, "utf8").replaceAll("\\", "");

/** The letters in a usage: those of flags in the first bracket, and those of options with values. */
function lettersIn(usage: string): readonly string[] {
  const [, flags = ""] = /\[-([a-zA-Z0-9]{2,})\]/.exec(usage) ?? [];
  return [...flags.split(""), ...[...usage.matchAll(/[[|]-(\S)[ |]/g)].map(([, letter = ""]) => letter)].filter(
    (letter) => letter !== "",
  );
}

test("the manual has every option of the usage, and the parser takes it", () => {
  const letters = lettersIn(usageOf("chpst"));
  expect(letters.length).toBeGreaterThan(20);
  for (const letter of letters) {
    expect(manual).toMatch(new RegExp(`-${letter}\\b|-${letter} |\\[ -[A-Za-z0-9]*${letter}`));
  }
  expect(letters).toEqual(expect.arrayContaining(Object.keys(chpstLimits)));
  expect(lettersIn(usageOf("softlimit")).toSorted()).toEqual(Object.keys(softlimitLimits).toSorted());
});

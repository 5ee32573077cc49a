import { byOwnName } from "@upkeep/linux/exec/arguments";
import { expect, test } from "vitest";

test.each([
  ["upkeep|runsv|web", "runsv|web"],
  ["/usr/lib/upkeep/upkeep|runsvdir|--inline|/etc/service", "runsvdir|--inline|/etc/service"],
  ["/usr/bin/runsv|upkeep", "/usr/bin/runsv|upkeep"],
  ["runsv|web", "runsv|web"],
  ["upkeep", "upkeep"],
  ["", ""],
])("%s by its own name is %s", (words, named) => {
  const bytes = (text: string): readonly Uint8Array[] =>
    text === "" ? [] : text.split("|").map((word) => Buffer.from(word));
  expect(byOwnName(bytes(words))).toEqual(bytes(named));
});

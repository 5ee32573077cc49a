import { byOwnName } from "@upkeep/linux/exec/arguments";
import { expect, test } from "vitest";

test.each([
  ["upkeep|runsv|web", "runsv", "runsv|web"],
  ["/usr/lib/upkeep/upkeep|runsvdir|--inline|/etc/service", "runsvdir", "runsvdir|--inline|/etc/service"],
  ["upkeep|web|--listen|127.0.0.1:80", "upkeep-web", "upkeep-web|--listen|127.0.0.1:80"],
  ["/usr/bin/runsv|upkeep", "runsv", "/usr/bin/runsv|upkeep"],
  ["runsv|web", "runsv", "runsv|web"],
  ["upkeep", "sv", "upkeep"],
  ["", "sv", ""],
])("%s by the name %s is %s", (words, name, named) => {
  const bytes = (text: string): readonly Uint8Array[] =>
    text === "" ? [] : text.split("|").map((word) => Buffer.from(word));
  expect(byOwnName(bytes(words), name)).toEqual(bytes(named));
});

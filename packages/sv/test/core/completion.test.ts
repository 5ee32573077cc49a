import { taskOf } from "@upkeep/client/core/commands";
import { expect, test } from "vitest";
import { completedWords } from "@upkeep/sv/core/completion-words";
import { extensionWords } from "@upkeep/sv/core/words";

test("all words that runit lacks are offered, and nothing that sv does not know", () => {
  const offered = Object.keys(completedWords);
  expect(extensionWords.filter((word) => !offered.includes(word))).toEqual([]);
  expect(offered.filter((word) => !extensionWords.includes(word) && taskOf(word, "sv") === null)).toEqual([]);
});

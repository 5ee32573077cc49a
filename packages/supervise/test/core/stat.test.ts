import { renderStat } from "@upkeep/supervise/core/stat";
import { expect, test } from "vitest";

const plain = { state: "run", paused: false, gotTerm: false, want: "up" } as const;

test.each([
  [plain, "run\n"],
  [{ ...plain, state: "down" }, "down\n"],
  [{ ...plain, state: "down", want: "down" }, "down\n"],
  [{ ...plain, state: "down", want: "exit" }, "down\n"],
  [{ ...plain, state: "finish", want: "down" }, "finish, want down\n"],
  [{ ...plain, paused: true, gotTerm: true }, "run, paused, got TERM\n"],
  [{ ...plain, gotTerm: true, want: "exit" }, "run, got TERM, want exit\n"],
  [{ ...plain, want: "exit" }, "run, want exit\n"],
] as const)("%j is %j", (facts, text) => {
  expect(renderStat(facts)).toBe(text);
});

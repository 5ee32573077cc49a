import { expect, test } from "vitest";

import { sectionsIn, withMeasured } from "../../bench/src/report/sections.ts";

const before = "\n### Start\n\n#### Cold\n\n| a |\n\none machine\n\n### Logs\n\n| b |\n\nanother machine\n";

test("the generated part is taken apart at its headings, and not at those below them", () => {
  expect(sectionsIn(before)).toEqual([
    { title: "Start", text: "#### Cold\n\n| a |\n\none machine" },
    { title: "Logs", text: "| b |\n\nanother machine" },
  ]);
});

test("what was measured takes its place in the order, and what was not stays", () => {
  const order = ["Start", "Many", "Logs"];
  const after = withMeasured(before, [{ title: "Many", text: "| c |\n\nthird\n" }], order);
  expect(sectionsIn(after).map(({ title }) => title)).toEqual(order);
  expect(withMeasured(after, [], order)).toBe(after);
  expect(sectionsIn(withMeasured(after, [{ title: "Logs", text: "new" }], order))[2]).toEqual({
    title: "Logs",
    text: "new",
  });
});

test("a group that is gone leaves the page", () => {
  expect(sectionsIn(withMeasured(before, [], ["Logs"])).map(({ title }) => title)).toEqual(["Logs"]);
});

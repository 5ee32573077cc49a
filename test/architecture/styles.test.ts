import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { describe, expect, test } from "vitest";

const sheets = globSync("packages/web/src/page/styles/*.css").toSorted();

/** The rules of a sheet, each as `condition|selectors`; the condition is that of the `@media` around it. */
function rulesOf(path: string): readonly string[] {
  const text = readFileSync(path, "utf8").replaceAll(/\/\*[^]*?\*\//g, "");
  const rules: string[] = [];
  const open: string[] = [];
  for (const [, head = "", mark] of text.matchAll(/([^{};]*)([{}])/g)) {
    const words = head.trim().replaceAll(/\s+/g, " ");
    if (mark === "}") open.pop();
    else {
      if (!words.startsWith("@")) rules.push(`${open.at(-1) ?? ""}|${words}`);
      open.push(words);
    }
  }
  return rules;
}

describe("the style sheets of the page", () => {
  test("are many short ones, all of which the build takes", () => {
    expect(sheets.length).toBeGreaterThan(5);
    const build = readFileSync("scripts/build/page.ts", "utf8");
    for (const path of sheets) {
      expect(readFileSync(path, "utf8").split("\n").length, path).toBeLessThanOrEqual(301);
      expect(build).toContain(`"${basename(path, ".css")}"`);
    }
  });

  test("have no rule twice", () => {
    const rules = sheets.flatMap(rulesOf);
    expect(rules.length).toBeGreaterThan(150);
    expect(rules.filter((rule, index) => rules.indexOf(rule) !== index)).toEqual([]);
  });
});

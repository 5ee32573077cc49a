import { execFileSync } from "node:child_process";

import { emptyService } from "@upkeep/import/core/model";
import { assert, property, stringMatching } from "fast-check";
import { expect, test } from "vitest";

import { serviceFiles } from "../../src/core/service-files.ts";

const plain = { isColoured: false, width: 8 };

/** What the last command of log/run makes of a line. */
function shown(name: string, isColoured: boolean): string {
  const files = serviceFiles(emptyService(name, "Procfile"), 1, { ...plain, isColoured });
  const script = files.find(({ path }) => path === "log/run")?.text ?? "";
  return execFileSync("sh", ["-c", script.slice(script.lastIndexOf("| sed") + 2)], {
    input: "line\n",
    encoding: "utf8",
  });
}

test("a line is shown behind any name as it is", () => {
  assert(
    property(stringMatching(/^[!-~]{1,12}$/), (name) => {
      expect(shown(name, false)).toBe(`${name.padEnd(8)} | line\n`);
    }),
    { numRuns: 30, examples: [["a'b"], ["a\\b"], ["a&b"], ["a/b"], ["\\1"]] },
  );
});

test("in colour, the line itself has none", () => {
  expect(shown("web", true)).toBe("\u001b[33mweb      | \u001b[0mline\n");
});

test("what the source logs elsewhere stays there", () => {
  const logged = { ...emptyService("web", "conf"), output: { kind: "syslog", tag: "web" } } as const;
  expect(serviceFiles(logged, 0, plain).map(({ path }) => path)).not.toContain("log/main/config");
});

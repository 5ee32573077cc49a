import { spawnSync } from "node:child_process";
import { Buffer } from "node:buffer";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { bytesOfName, nameOf } from "@upkeep/linux/core/name-text";

import { shellWord, shellWords, type Word } from "../../src/core/words.ts";

const withoutNul = fc
  .uint8Array({ minLength: 0, maxLength: 24 })
  .map((bytes) => nameOf(Uint8Array.from(bytes, (byte) => (byte === 0 ? 10 : byte))));
const lively = fc.stringMatching(/^[ '"\\$`*?~#;&|<>(){}!\n\t=a-z-]{0,12}$/);
const variable: Word[number] = { kind: "variable", name: "X" };

/** What printf(1) of a shell is given, with a NUL behind each word. */
function arrive(shell: string, script: string, environment: NodeJS.ProcessEnv = {}): Buffer {
  return spawnSync(shell, [], { input: bytesOfName(script), env: { PATH: process.env["PATH"], ...environment } })
    .stdout;
}

describe.each(["dash", "bash"])("%s", (shell) => {
  test("gets any argument list as it was", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(withoutNul, lively), { minLength: 1, maxLength: 6 }), (words) => {
        const script = `exec env printf '%s\\0' ${shellWords(words.map((word) => [word]))}\n`;
        expect(arrive(shell, script)).toEqual(
          Buffer.concat(words.flatMap((word) => [bytesOfName(word), Buffer.of(0)])),
        );
      }),
      { numRuns: 50 },
    );
  });

  test("puts variables in their places, whatever stands around them and in them", () => {
    fc.assert(
      fc.property(lively, lively, lively, (before, value, behind) => {
        const script = `exec env printf %s ${shellWord([before, variable, behind])}\n`;
        expect(arrive(shell, script, { X: value }).toString("utf8")).toBe(`${before}${value}${behind}`);
      }),
      { numRuns: 25 },
    );
  });
});

test("plain words stay as they are", () => {
  expect(shellWords([["nginx"], ["-g"], ["daemon off;"], ["--a=b"], ["=x"], [""]])).toBe(
    "nginx -g 'daemon off;' --a=b '=x' ''",
  );
});

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Reporter, TestCase, TestModule } from "vitest/node";

/** How often a test is tried again: in CI a failure may be the machine's. */
export const retries: number = process.env["CI"] === undefined ? 0 : 1;

/** Prints at the end of a run which tests passed at their second try only. */
export class SecondTries implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = secondTries(modules.flatMap((module) => [...module.children.allTests()]));
    if (lines.length > 0) console.log(`\n${lines.join("\n")}\n`);
  }
}

/** A test that has needed a second try in CI, and is not mended yet: an entry of e2e/second-tries.json. */
interface KnownSecondTry {
  /** The day of the first one, as `2026-11-28`. */
  readonly since: string;
  /** The test's name, with the suite in brackets, as the summary shows it. */
  readonly test: string;
  /** How the first try failed. */
  readonly failure: string;
}

const list = "e2e/second-tries.json";

/** The tests that passed at their second try only, each with its first failure and since when that is known. */
function secondTries(tests: readonly TestCase[]): readonly string[] {
  const flaky = tests.filter((test) => test.diagnostic()?.flaky === true);
  if (flaky.length === 0) return [];
  const known = JSON.parse(readFileSync(join(import.meta.dirname, "../..", list), "utf8")) as readonly KnownSecondTry[];
  const lines = flaky.map((test) => {
    const since = known.find((one) => one.test === test.name)?.since;
    const failure = test.result().errors?.[0]?.message.split("\n")[0] ?? "";
    return `  ${test.name} (${since === undefined ? `new: add it to ${list}` : `known since ${since}`}): ${failure}`;
  });
  return ["Passed at the second try only", ...lines];
}

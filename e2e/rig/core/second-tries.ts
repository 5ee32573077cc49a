import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestCase } from "vitest/node";
import { repositoryRoot } from "./files.ts";

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
export function secondTries(tests: readonly TestCase[]): readonly string[] {
  const flaky = tests.filter((test) => test.diagnostic()?.flaky === true);
  if (flaky.length === 0) return [];
  const known = JSON.parse(readFileSync(join(repositoryRoot, list), "utf8")) as readonly KnownSecondTry[];
  const lines = flaky.map((test) => {
    const since = known.find((one) => one.test === test.name)?.since;
    const failure = test.result().errors?.[0]?.message.split("\n")[0] ?? "";
    return `  ${test.name} (${since === undefined ? `new: add it to ${list}` : `known since ${since}`}): ${failure}`;
  });
  return ["Passed at the second try only", ...lines];
}

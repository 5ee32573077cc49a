import type { Failure } from "../results.ts";
import type { Suite } from "../suites/suite.ts";

/** Suites that could not be measured, by name, with what would enable them. */
export function renderSkipped(skipped: readonly Suite[]): string {
  return skipped.map(({ title, hint }) => `skipped ${title}; to enable: ${hint}\n`).join("");
}

/** What went wrong, one line each. */
export function renderFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ scenario, suite, round, message }) => `error: ${scenario}, ${suite}, round ${round}: ${message}\n`)
    .join("");
}

import type { Contender } from "../contender.ts";
import type { Failure } from "../results.ts";

/** Contenders that could not be measured, by name, with what would enable them. */
export function renderSkipped(skipped: readonly Contender[]): string {
  return skipped.map(({ title, hint }) => `skipped ${title}; to enable: ${hint}\n`).join("");
}

/** What went wrong, one line each. */
export function renderFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ scenario, contender, round, message }) => `error: ${scenario}, ${contender}, round ${round}: ${message}\n`)
    .join("");
}

/** The result of a run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const success: Tally = { passed: 1, failed: 0, skipped: 0 };
export const failure: Tally = { passed: 0, failed: 1, skipped: 0 };

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** `12 passed, 0 failed`, and how many were skipped if any were. */
export function render({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** A failed run counts as a failure even if it names no test, as after a file that does not load. */
export function atLeastOneFailure(tally: Tally): Tally {
  return { ...tally, failed: Math.max(tally.failed, 1) };
}

/** Collects garbage now. The timer of the runtime that would do so is off, as it would wake an idle daemon. */
export function collectGarbage(): void {
  Bun.gc(true);
}

/** The lines that one start of a service has written. */
export interface Written {
  /** Names the start. */
  readonly start: string;
  /** So many lines are in the log or on their way: the service has said so. */
  readonly count: number;
}

/**
 * What is wrong with a log: lines that are torn, missing, doubled or out of order.
 *
 * A service that is killed may have written one batch more than it has said.
 */
export function faultsOfLog(lines: readonly string[], written: readonly Written[]): readonly string[] {
  const next = new Map<string, number>();
  const faults: string[] = [];
  for (const line of lines) {
    const [, start = "", digits = ""] = /^(\S+) (\d+)$/.exec(line) ?? [];
    const expected = next.get(start) ?? 0;
    if (start === "") faults.push(`torn: ${JSON.stringify(line)}`);
    else if (Number(digits) !== expected) faults.push(`${start}: ${digits} in the place of ${expected}`);
    if (start !== "") next.set(start, Number(digits) + 1);
  }
  const missing = written.filter(({ start, count }) => (next.get(start) ?? 0) < count);
  return [...faults, ...missing.map(({ start, count }) => `${start}: ${next.get(start) ?? 0} of ${count} lines`)];
}

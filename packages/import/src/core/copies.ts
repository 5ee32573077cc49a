import type { Failure } from "./model.ts";

/** More copies of one program than anybody means, and more services of one file. */
export const mostCopies = 1000;
const mostServices = 10_000;

/** A file that would make more services than anybody means: it says so in a few bytes. Null where it does not. */
export function tooManyServices(counts: readonly number[], file: string): Failure | null {
  // Programs that ask for too many copies are refused one by one.
  const sum = counts.filter((count) => count <= mostCopies).reduce((before, count) => before + count, 0);
  return sum > mostServices ? { place: { file, line: 1 }, text: `makes more than ${mostServices} services` } : null;
}

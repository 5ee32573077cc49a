import { candidates, runitSearch, search } from "@upkeep/program/core/path-search";
import { FatalError } from "@upkeep/program/process/run-program";
import { errno, reasonOf } from "@upkeep/linux/core/errno";
import { prepareExecution } from "@upkeep/linux/exec/execution";
import { prepareLimit, readLimit } from "@upkeep/linux/exec/limits";
import { bytesOf, type ByteText } from "@upkeep/linux/core/byte-text";

import { valueOf } from "../core/environment.ts";
import { type WantedLimit, resources, softLimit } from "../core/limits.ts";
import { cStringOf } from "./c-text.ts";

/** The program that takes the place of this process. */
export interface Successor {
  readonly program: ByteText;
  readonly argv: readonly ByteText[];
  readonly environment: readonly ByteText[];
  /** Its limits, which come last: this process might not live within them. */
  readonly limits: readonly WantedLimit[];
}

/**
 * Becomes another program. Never returns. Throws {@link FatalError} if no file can be executed; then the limits are as
 * before.
 *
 * @param environment has the PATH.
 */
export function become({ program, argv, ...successor }: Successor, environment: readonly ByteText[]): never {
  const paths = candidates(runitSearch, program, valueOf(environment, "PATH")).map(cStringOf);
  const execution = prepareExecution(argv.map(bytesOf), successor.environment.map(bytesOf));
  const limits = successor.limits.map(prepare);
  // From here on nothing may allocate memory.
  for (const { apply } of limits) {
    const failed = apply();
    if (failed !== 0) throw new FatalError(`unable to setrlimit(): ${reasonOf(failed)}`, null);
  }
  const reason = search(runitSearch, paths, execution.execute);
  for (const { undo } of limits) undo();
  throw new FatalError(`unable to run: ${argv[0] ?? program}: ${reasonOf(reason || errno.ENOENT)}`, null);
}

interface PreparedLimit {
  readonly apply: () => number;
  readonly undo: () => number;
}

function prepare({ resource, value }: WantedLimit): PreparedLimit {
  const number = resources[resource];
  const before = readLimit(number);
  const after = { soft: softLimit(value, before.hard), hard: before.hard };
  return { apply: prepareLimit(number, after), undo: prepareLimit(number, before) };
}

import { join } from "node:path";

import { bytesOfName } from "@upkeep/linux/core/name-text";
import { reasonOf } from "@upkeep/linux/core/errno";
import { inheritedEnvironment, withoutVariable } from "@upkeep/linux/exec/environment";
import { prepareExecution, undoRuntimeChanges } from "@upkeep/linux/exec/execution";
import { commandsDirectory, isStandalone } from "@upkeep/program/command-line/invocation";
import { FatalError } from "@upkeep/program/process/run-program";

/** Becomes `runsvdir` with these words, so that Ctrl-C and exit codes are those of runsvdir. Returns only by FatalError. */
export function becomeRunsvdir(words: readonly string[], variables: ReadonlyMap<string, string>): never {
  let environment = inheritedEnvironment();
  for (const name of variables.keys()) environment = withoutVariable(environment, name);
  const own = [...variables].map(([name, value]) => bytesOfName(`${name}=${value}`));
  const path = join(commandsDirectory(), "runsvdir");
  undoRuntimeChanges();
  const execution = prepareExecution(["runsvdir", ...words].map(bytesOfName), [...environment, ...own]);
  const file = isStandalone ? "/proc/self/exe" : path;
  const failure = execution.execute(Buffer.from(`${file}\0`));
  throw new FatalError(`unable to execute runsvdir: ${reasonOf(failure)}`, null);
}

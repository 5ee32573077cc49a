import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { reasonOf } from "@upkeep/linux/core/errno";
import { isForkFailure, isLastingFailure } from "@upkeep/linux/exec/spawn";
import { explainExecFailure, type ServiceDirectory } from "@upkeep/service-directory/files/directory";

/** Says why a script could not be started. Each try says that it failed; the explanation comes once. */
export interface StartFailures {
  /**
   * `./run` or `./finish` could not be started.
   *
   * @param entry the file in `directory`. @param name what messages call it. @returns whether to try again.
   */
  ofScript(directory: ServiceDirectory, entry: string, name: string, number: number): boolean;
  /** A control script could not be started. */
  ofControl(path: string, number: number): void;
  /** `./check` could not be started. @returns whether to try again. */
  ofCheck(directory: ServiceDirectory, number: number): boolean;
  /** `./check` could be started. */
  checkStarted(): void;
}

export function createStartFailures(say: Diagnostics): StartFailures {
  /** The last explanation for each script. */
  const explained = new Map<string, string>();
  const explain = (name: string, message: string): void => {
    if (explained.get(name) !== message) say.warning(message);
    explained.set(name, message);
  };
  return {
    ofScript: (directory, entry, name, number) => {
      if (isForkFailure(number)) {
        say.warning(`unable to fork, sleeping: ${reasonOf(number)}`);
        return true;
      }
      say.fatal(`unable to start ${name}: ${reasonOf(number)}`);
      const why = explainExecFailure(directory, entry, number);
      if (why === null) explained.delete(name);
      else explain(name, `${name}: ${why}`);
      return false;
    },
    ofControl: (path, number) => {
      if (isForkFailure(number)) say.warning(`unable to fork for ${path}: ${reasonOf(number)}`);
      else say.fatal(`unable to run control/?: ${reasonOf(number)}`);
    },
    ofCheck: (directory, number) => {
      const isRetried = !isLastingFailure(number, true);
      const why = explainExecFailure(directory, "check", number) ?? reasonOf(number);
      explain("./check", `unable to run ./check${isRetried ? "" : ", ignored"}: ${why}`);
      return isRetried;
    },
    checkStarted: () => void explained.delete("./check"),
  };
}

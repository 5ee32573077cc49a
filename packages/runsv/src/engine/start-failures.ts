import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { reasonOf } from "@upkeep/linux/core/errno";
import { isForkFailure, isLastingFailure } from "@upkeep/linux/exec/spawn";
import { explainExecFailure, type ServiceDirectory } from "@upkeep/service-directory/files/directory";

/** Says why a script could not be started. Each try says that it failed; the explanation comes once. */
export class StartFailures {
  readonly #say: Diagnostics;
  /** The last explanation for each script. */
  readonly #explained = new Map<string, string>();

  constructor(say: Diagnostics) {
    this.#say = say;
  }

  /**
   * `./run` or `./finish` could not be started.
   *
   * @param entry the file in `directory`. @param name what messages call it. @returns whether to try again.
   */
  ofScript(directory: ServiceDirectory, entry: string, name: string, number: number): boolean {
    if (isForkFailure(number)) {
      this.#say.warning(`unable to fork, sleeping: ${reasonOf(number)}`);
      return true;
    }
    this.#say.fatal(`unable to start ${name}: ${reasonOf(number)}`);
    const why = explainExecFailure(directory, entry, number);
    if (why === null) this.#explained.delete(name);
    else this.#explain(name, `${name}: ${why}`);
    return false;
  }

  /** A control script could not be started. */
  ofControl(path: string, number: number): void {
    if (isForkFailure(number)) this.#say.warning(`unable to fork for ${path}: ${reasonOf(number)}`);
    else this.#say.fatal(`unable to run control/?: ${reasonOf(number)}`);
  }

  /** `./check` could not be started. @returns whether to try again. */
  ofCheck(directory: ServiceDirectory, number: number): boolean {
    const isRetried = !isLastingFailure(number, true);
    const why = explainExecFailure(directory, "check", number) ?? reasonOf(number);
    this.#explain("./check", `unable to run ./check${isRetried ? "" : ", ignored"}: ${why}`);
    return isRetried;
  }

  /** `./check` could be started. */
  checkStarted(): void {
    this.#explained.delete("./check");
  }

  #explain(name: string, message: string): void {
    if (this.#explained.get(name) !== message) this.#say.warning(message);
    this.#explained.set(name, message);
  }
}

import type { ExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { writeText } from "@upkeep/program/messages/output";
import { FatalError, type Program } from "@upkeep/program/process/run-program";
import { usageText } from "@upkeep/program/core/usage";
import { version } from "@upkeep/program/core/version";
import { reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { sendSignal } from "@upkeep/linux/signal/signal";

import { requestStop } from "./system/flags.ts";

const exitCodes: ExitCodes = { usage: 0, fatal: 111 };

/** runit-init(8), installed as /sbin/init: as process 1 it is runit, otherwise it tells process 1 to end. */
export const runitInit: Program = { name: "init", exitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  if (process.pid === 1) return (await import("./open.ts")).liveAsProcessOne();
  const { args, calledAs } = invocation;
  const [first = ""] = args;
  if (first === "--help" || first === "--version") {
    const { answer, initHelp } = await import("./cli/help.ts");
    return answer(invocation, initHelp);
  }
  // Only the first letter counts, so that "init 0 now" and "init 0" are the same.
  if (first.startsWith("0")) return stop(false);
  if (first.startsWith("6")) return stop(true);
  if (first === "-V") writeText(2, `$Id: upkeep ${version} $\n\n`);
  writeText(2, usageText(calledAs, "0|6"));
  return exitCodes.usage;
}

function stop(isReboot: boolean): number {
  try {
    requestStop(isReboot);
  } catch (error) {
    throw error instanceof SystemError ? new FatalError(error.message, null) : error;
  }
  const failed = sendSignal(1, "SIGCONT");
  if (failed !== 0) throw new FatalError(`unable to signal process 1: ${reasonOf(failed)}`, null);
  return 0;
}

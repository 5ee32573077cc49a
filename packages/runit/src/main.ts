import type { ExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { writeText } from "@upkeep/program/messages/output";
import type { Program } from "@upkeep/program/process/run-program";

const exitCodes: ExitCodes = { usage: 111, fatal: 111 };

/** runit(8): process 1 of a machine. */
export const runit: Program = { name: "runit", exitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  // The words on its command line are the kernel's, not ours.
  if (process.pid === 1) return (await import("./open.ts")).liveAsProcessOne();
  const [first] = invocation.args;
  if (first === "--help" || first === "--version") {
    const { answer, runitHelp } = await import("./cli/help.ts");
    return answer(invocation, runitHelp);
  }
  writeText(2, "- runit: fatal: must be run as process no 1.\n");
  return exitCodes.fatal;
}

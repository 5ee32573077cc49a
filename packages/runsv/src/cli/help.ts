import type { Invocation } from "@upkeep/program/command-line/invocation";
import { answerHelp } from "@upkeep/program/command-line/options";
import { usageText } from "@upkeep/program/core/usage";

const help = `usage: runsv dir

Runs ./run in the service directory dir, runs it again when it ends, and keeps
its state in dir/supervise/, where sv controls it. With dir/log/run it does the
same for a log service, which gets what ./run writes to its standard output.`;

/** Answers --help and --version. */
export function answer(invocation: Invocation): never {
  answerHelp(invocation, { usage: usageText("runsv", "dir"), help, manual: "runsv(8)", options: {} });
}

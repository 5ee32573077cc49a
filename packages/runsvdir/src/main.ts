import { runsvdirExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import type { Program } from "@upkeep/program/process/run-program";
import { UsageError, usageText } from "@upkeep/program/core/usage";
import { traceDescriptor } from "@upkeep/program/trace/open-trace";
import { eventsDescriptor } from "@upkeep/supervise/parent/events";
import { restoreOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { setProcessName } from "@upkeep/linux/process/process-control";
import { quietRuntime } from "@upkeep/linux/exec/runtime";

import { readWords, type Options } from "./core/arguments.ts";
import { supervise } from "./open.ts";

/** runsvdir(8): starts and monitors one runsv for each service directory of a scan directory. */
export const runsvdir: Program = { name: "runsvdir", exitCodes: runsvdirExitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  // First: the option parser has descriptors of its own opened, which would pass for inherited ones.
  quietRuntime("runsvdir", eventsDescriptor(), traceDescriptor());
  const options = await readOptions(invocation);
  setProcessName("runsvdir");
  restoreOpenFilesLimit();
  return supervise({ ...options, isInline: wantsInline(options) });
}

async function readOptions(invocation: Invocation): Promise<Options> {
  const usage = usageText(invocation.calledAs, "[-P] dir");
  const words = readWords(invocation.args);
  const options = words === "long" ? (await import("./cli/options.ts")).parseLongOptions(invocation, usage) : words;
  if (options === "usage") throw new UsageError(usage);
  return options;
}

/** The environment has the last word, so that an operator need not change what starts us. */
function wantsInline({ isInline }: Options): boolean {
  const wish = process.env["UPKEEP_INLINE"];
  return wish === "1" || (isInline && wish !== "0");
}

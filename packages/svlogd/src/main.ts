import { svlogdExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { surviveErrors, type Program } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { defaultUserSignal } from "@upkeep/program/process/signals";
import { UsageError, usageText } from "@upkeep/program/core/usage";
import { restoreOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { setProcessName } from "@upkeep/linux/process/process-control";
import { quietRuntime } from "@upkeep/linux/exec/runtime";

import { readArguments, type LogOptions } from "./core/arguments.ts";
import { createChildren } from "@upkeep/linux/exec/children";
import { createLogger } from "./open.ts";
import { createMessages } from "./messages.ts";

/** svlogd(8): writes and rotates the logs of a service. */
export const svlogd: Program = { name: "svlogd", exitCodes: svlogdExitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const options = await readOptions(invocation);
  quietRuntime("svlogd");
  setProcessName("svlogd");
  restoreOpenFilesLimit();
  return log(options);
}

async function readOptions(invocation: Invocation): Promise<LogOptions> {
  const { name, calledAs, args } = invocation;
  const usage = usageText(calledAs, "[-ttv] [-r c] [-R abc] [-l len] [-b buflen] dir ...");
  const found = readArguments(calledAs, args);
  if (found === "long") {
    const { answer } = await import("./cli/help.ts");
    return answer({ ...invocation, name }, usage);
  }
  if ("complaint" in found) throw new UsageError(`${found.complaint}${usage}`);
  return found;
}

async function log(options: LogOptions): Promise<number> {
  const say = createMessages(options.isVerbose);
  const children = createChildren();
  const { promise: exited, resolve: onExit } = Promise.withResolvers<number>();
  const logger = createLogger(options, { say, children, onExit });
  const on = (signal: NodeJS.Signals, name: string, act: () => void): void => {
    process.on(signal, () => {
      say.info(`${name} received.`);
      act();
    });
  };
  // Processors are started when directories are opened, and may have ended before anything else is done.
  on("SIGCHLD", "sigchild", children.reap);
  if (!logger.open()) return svlogdExitCodes.fatal;
  defaultUserSignal();
  surviveErrors(say.warning);
  on("SIGTERM", "sigterm", logger.stop);
  on("SIGHUP", "sighangup", () => {
    if (!logger.open()) onExit(svlogdExitCodes.fatal);
  });
  on("SIGALRM", "sigalarm", logger.rotate);
  logger.read();
  keepMemorySmall().onWork();
  return exited;
}

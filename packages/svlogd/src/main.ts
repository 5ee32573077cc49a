import { svlogdExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { surviveErrors, type Program } from "@upkeep/program/process/run-program";
import { defaultUserSignal } from "@upkeep/program/process/signals";
import { UsageError, usageText } from "@upkeep/program/core/usage";
import { restoreOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { setProcessName } from "@upkeep/linux/process/process-control";
import { quietRuntime } from "@upkeep/linux/exec/runtime";

import { readWords, type Wishes } from "./core/arguments.ts";
import { createChildren } from "./processor/children.ts";
import { createLogger } from "./open.ts";
import { createMessages } from "./messages.ts";

/** svlogd(8): writes and rotates the logs of a service. */
export const svlogd: Program = { name: "svlogd", exitCodes: svlogdExitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const wishes = await readWishes(invocation);
  quietRuntime();
  setProcessName("svlogd");
  restoreOpenFilesLimit();
  return log(wishes);
}

async function readWishes(invocation: Invocation): Promise<Wishes> {
  const { name, calledAs, args } = invocation;
  const usage = usageText(calledAs, "[-ttv] [-r c] [-R abc] [-l len] [-b buflen] dir ...");
  const words = readWords(calledAs, args);
  if (words === "long") {
    const { answer } = await import("./cli/help.ts");
    return answer({ ...invocation, name }, usage);
  }
  if ("complaint" in words) throw new UsageError(`${words.complaint}${usage}`);
  return words;
}

async function log(wishes: Wishes): Promise<number> {
  const say = createMessages(wishes.isVerbose);
  const children = createChildren();
  const { promise: exited, resolve: onExit } = Promise.withResolvers<number>();
  const logger = createLogger(wishes, { say, children, onExit });
  // Processors are started when directories are opened, and may have ended before anything else is done.
  process.on("SIGCHLD", () => {
    say.info("sigchild received.");
    children.reap();
  });
  if (!logger.open()) return svlogdExitCodes.fatal;
  defaultUserSignal();
  surviveErrors(say.warning);
  process.on("SIGTERM", () => {
    say.info("sigterm received.");
    logger.stop();
  });
  process.on("SIGHUP", () => {
    say.info("sighangup received.");
    if (!logger.open()) onExit(svlogdExitCodes.fatal);
  });
  process.on("SIGALRM", () => {
    say.info("sigalarm received.");
    logger.rotate();
  });
  logger.read();
  return exited;
}

import { harmless } from "@upkeep/program/core/one-line";
import type { ExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { writeText } from "@upkeep/program/messages/output";
import type { Program } from "@upkeep/program/process/run-program";
import { UsageError, usageText } from "@upkeep/program/core/usage";
import { SystemError } from "@upkeep/linux/core/errno";

import { changeDirectory, Refusal } from "./change-directory.ts";

const exitCodes: ExitCodes = { usage: 1, fatal: 111 };

/** Where the directories to choose from are. RUNSVDIR names another place, as in runit 2.3.0. */
const defaultBase = "/etc/runit/runsvdir";

/** runsvchdir(8): makes runsvdir work on another scan directory. */
export const runsvchdir: Program = { name: "runsvchdir", exitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const { args, calledAs } = invocation;
  const [directory] = args;
  if (directory === undefined) throw new UsageError(usageText(calledAs, "dir"));
  if (directory === "--help" || directory === "--version") {
    return (await import("./help.ts")).answer(invocation);
  }
  try {
    const isNew = changeDirectory(process.env["RUNSVDIR"] ?? defaultBase, directory);
    writeText(1, `${harmless(`runsvchdir: ${directory}: ${isNew ? "now current." : "current."}`)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof SystemError)) throw error;
    // In these messages runit shows the name that it was called by.
    writeText(2, `${calledAs}: fatal: ${harmless(error.message)}\n`);
    return exitCodes.fatal;
  }
}

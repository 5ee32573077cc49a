import { Buffer } from "node:buffer";

import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import type { ExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import type { Program } from "@upkeep/program/process/run-program";
import { UsageError, usageText } from "@upkeep/program/core/usage";
import { version } from "@upkeep/program/core/version";
import { wallClock } from "@upkeep/linux/time/clock";
import { errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";

import { readWords } from "./core/arguments.ts";
import { logoutInUtmp, logoutInWtmp } from "./files.ts";

const exitCodes: ExitCodes = { usage: 1, fatal: 111 };
const utmp = "/var/run/utmp";
const wtmp = "/var/log/wtmp";

/** utmpset(8): marks a terminal line as logged out. */
export const utmpset: Program = { name: "utmpset", exitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const { args, calledAs } = invocation;
  const words = readWords(args);
  const usage = usageText(calledAs, "[-w] line");
  switch (words.kind) {
    case "long":
      return (await import("./help.ts")).answer(invocation);
    case "identity":
      throw new UsageError(`$Id: upkeep ${version} $\n${usage}`);
    case "complaint":
      throw new UsageError(`utmpset: illegal option -- ${words.letter}\n${usage}`);
    case "usage":
      throw new UsageError(usage);
    case "logout":
      return logout(words.line, words.withWtmp);
    default:
      return words satisfies never;
  }
}

function logout(line: string, withWtmp: boolean): number {
  const { warning } = createDiagnostics("utmpset");
  const name = Buffer.from(line, "utf8");
  const { seconds } = wallClock();
  const onLocked = (path: string) => (): void => warning(`${path} stays locked, going on without the lock`);
  if (!logoutInUtmp(utmp, name, seconds, onLocked(utmp))) {
    warning(`unable to logout line ${line} in utmp: no such entry`);
    return exitCodes.fatal;
  }
  if (!withWtmp) return 0;
  try {
    logoutInWtmp(wtmp, name, seconds, onLocked(wtmp));
    return 0;
  } catch (error) {
    if (error instanceof SystemError && /^(?:open|lock) /.test(error.operation)) throw error;
    warning(`unable to logout line ${line} in wtmp: ${reasonOf(errnoOf(error))}`);
    return exitCodes.fatal;
  }
}

import { closeSync, constants, openSync } from "node:fs";

import { type ControlTask, taskOf } from "@upkeep/client/core/commands";
import { pathOfService } from "@upkeep/client/core/service-path";
import { type Service, serviceOf } from "@upkeep/client/service/client";
import { harmless } from "@upkeep/program/core/one-line";
import { lsbExitCodes, svExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { writeText } from "@upkeep/program/messages/output";
import type { Program } from "@upkeep/program/process/run-program";
import { UsageError } from "@upkeep/program/core/usage";
import { attempt, SystemError } from "@upkeep/linux/core/errno";
import { findProject } from "@upkeep/supervise/place/project";

import { readOptions, readRequest, readSettings, type Request, type Words } from "./core/arguments.ts";
import { commandLineOf, modeOf, usageError } from "./core/command-line.ts";
import { patternIn } from "./core/glob.ts";
import { isExtension, readExtension } from "./core/words.ts";
import { showStatus } from "./show/show-status.ts";

/** The most failures that an exit code can tell: from 100 on, the codes mean something else. */
const mostFailures = 99;

/** `sv`: controls services which are monitored by runsv, and reports on them. */
export const sv: Program = {
  name: "sv",
  exitCodes: svExitCodes,
  async main(invocation) {
    const codes = modeOf(invocation.name) === "sv" ? svExitCodes : lsbExitCodes;
    try {
      return await run(invocation);
    } catch (error) {
      if (error instanceof UsageError) {
        writeText(2, error.message);
        return codes.usage;
      }
      if (error instanceof SystemError) {
        writeText(2, `fatal: ${harmless(error.message)}\n`);
        return codes.fatal;
      }
      throw error;
    }
  },
};

async function run(invocation: Invocation): Promise<number> {
  const words = await readWords(invocation);
  if (modeOf(invocation.name) === "sv" && isExtension(words.operands)) return await extend(words);
  const request = readRequest(
    invocation.name,
    words,
    modeOf(invocation.name) === "sv" ? surroundings(words) : process.env,
  );
  requireWorkingDirectory();
  const task = taskOf(request.command, request.mode);
  if (task === null) throw usageError(invocation.name);
  const services = await findServices(request);
  return task.kind === "status" ? status(services, request) : await control(services, task, request);
}

async function extend(words: Words): Promise<number> {
  requireWorkingDirectory();
  const { runExtension } = await import("./cli/extension.ts");
  return Math.min(
    await runExtension(readExtension(words.operands), readSettings(words, surroundings(words))),
    mostFailures,
  );
}

/** The environment. In a directory whose processes `upkeep run` supervises, SVDIR means these unless it is set. */
function surroundings({ operands: [, ...services] }: Words): Readonly<Record<string, string | undefined>> {
  // A path leads to its service without it.
  const isNeeded = services.length === 0 || services.some((label) => pathOfService(label, "") === null);
  const project = isNeeded && process.env["SVDIR"] === undefined ? findProject() : null;
  return project === null ? process.env : { ...process.env, SVDIR: project };
}

async function findServices({ mode, services, directory }: Request): Promise<readonly Service[]> {
  if (mode === "sv" && services.some((name) => patternIn(name) !== null)) {
    const { servicesOf } = await import("./service/scan-directory.ts");
    return servicesOf(services, directory);
  }
  return services.map((label) => serviceOf(label, directory));
}

async function readWords({ name, calledAs, args }: Invocation): Promise<Words> {
  const words = readOptions(name, args);
  if ("operands" in words) return words;
  // yargs takes longer to load than all else together.
  const { parseOptions } = await import("@upkeep/program/command-line/options");
  return parseOptions({ name, calledAs, args: words.args }, commandLineOf(name));
}

/** runit's sv opens the directory it was called in, and ends when it cannot, even if it never has to go back there. */
function requireWorkingDirectory(): void {
  closeSync(attempt("open current directory", () => openSync(".", constants.O_RDONLY | constants.O_NONBLOCK)));
}

function status(services: readonly Service[], { mode }: Request): number {
  const shown = services.map(showStatus);
  if (mode === "lsb") return shown[0]?.lsbCode ?? 0;
  return Math.min(
    shown.reduce((sum, { failures }) => sum + failures, 0),
    mostFailures,
  );
}

async function control(services: readonly Service[], task: ControlTask, request: Request): Promise<number> {
  const { controlServices } = await import("./wait/control.ts");
  const waiting = { waits: task.waits || request.isVerbose, seconds: request.waitSeconds };
  const failures = await controlServices(services, task, waiting);
  return Math.min(failures, request.mode === "lsb" ? 1 : mostFailures);
}

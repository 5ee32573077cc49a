import { chpstExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import type { Program } from "@upkeep/program/process/run-program";
import { lastArguments } from "@upkeep/linux/exec/arguments";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { undoRuntimeChanges } from "@upkeep/linux/exec/execution";
import { endProcess } from "@upkeep/linux/process/process-control";
import { textOf } from "@upkeep/linux/core/byte-text";

import { readCommandLine } from "./core/arguments.ts";
import { become } from "./exec/become.ts";
import { carryOut, type Given } from "./exec/carry-out.ts";
import { inOrder, type WantedLimit } from "./core/limits.ts";
import { ownFileTest, readNext } from "./exec/next-in-row.ts";
import type { Plan } from "./core/plan.ts";
import { createMessages, type Messages } from "./exec/messages.ts";

/** chpst(8): changes the state of its process and becomes a program. */
export const chpst: Program = { name: "chpst", exitCodes: chpstExitCodes, main };

async function main({ name, args }: Invocation): Promise<number> {
  // Under each of its names its messages are those of chpst.
  const messages = createMessages("chpst");
  try {
    const { closedAtStart } = undoRuntimeChanges();
    const reading = readCommandLine(name, lastArguments(args.length).map(textOf));
    if ("stop" in reading) {
      if (typeof reading.stop === "object") return messages.complain(reading.stop.complaint, chpstExitCodes.usage);
      throw (await import("./cli/help.ts")).answerTo(reading.stop, name);
    }
    const { namespaced } = reading.plan;
    if (namespaced !== null) return await (await import("./exec/namespaced.ts")).runNamespaced(namespaced, args.length);
    const environment = inheritedEnvironment().map(textOf);
    return endProcess(runAll(reading.plan, { environment, closedAtStart, warn: messages.warn }, messages));
  } catch (error) {
    return messages.report(error, chpstExitCodes.fatal);
  }
}

/** Carries out one plan after the other. Returns the exit code if no program could be run. */
function runAll(first: Plan, given: Given, messages: Messages): number {
  const isOwn = ownFileTest();
  let plan = first;
  let { environment } = given;
  let limits: readonly WantedLimit[] = [];
  for (;;) {
    try {
      const successor = carryOut(plan, { ...given, environment });
      limits = inOrder([...limits, ...successor.limits]);
      const next = limits.length === 0 ? null : readNext(successor, environment, isOwn);
      if (next === null) become({ ...successor, limits }, environment);
      if ("complaint" in next) return messages.complain(next.complaint, chpstExitCodes.usage);
      plan = next;
      environment = successor.environment;
    } catch (error) {
      return plan.isSilent ? 0 : messages.report(error, chpstExitCodes.fatal);
    }
  }
}

import { chpstExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import type { Program } from "@upkeep/program/process/run-program";
import { lastArguments } from "@upkeep/linux/exec/command-line";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { undoRuntimeChanges } from "@upkeep/linux/exec/execution";
import { endProcess } from "@upkeep/linux/process/process-control";
import { textOf } from "@upkeep/linux/core/byte-text";

import { readCommandLine } from "./core/arguments.ts";
import { become } from "./exec/become.ts";
import { carryOut, type Given } from "./exec/carry-out.ts";
import { inOrder, type LimitWish } from "./core/limits.ts";
import { ownFileTest, readNext } from "./exec/next-in-row.ts";
import type { Plan } from "./core/plan.ts";
import { createSpeaker, type Speaker } from "./exec/speaker.ts";

/** chpst(8): changes the state of its process and becomes a program. */
export const chpst: Program = { name: "chpst", exitCodes: chpstExitCodes, main };

async function main({ name, args }: Invocation): Promise<number> {
  // Under each of its names it speaks as chpst.
  const speaker = createSpeaker("chpst");
  try {
    const { closedAtStart } = undoRuntimeChanges();
    const reading = readCommandLine(name, lastArguments(args.length).map(textOf));
    if ("stop" in reading) {
      if (typeof reading.stop === "object") return speaker.complain(reading.stop.complaint, chpstExitCodes.usage);
      throw (await import("./cli/help.ts")).answerTo(reading.stop, name);
    }
    const environment = inheritedEnvironment().map(textOf);
    return endProcess(runAll(reading.plan, { environment, closedAtStart, warn: speaker.warn }, speaker));
  } catch (error) {
    return speaker.report(error, chpstExitCodes.fatal);
  }
}

/** Returns the exit code when nothing could be run. */
function runAll(first: Plan, given: Given, speaker: Speaker): number {
  const isOwn = ownFileTest();
  let plan = first;
  let { environment } = given;
  let limits: readonly LimitWish[] = [];
  for (;;) {
    try {
      const successor = carryOut(plan, { ...given, environment });
      limits = inOrder([...limits, ...successor.limits]);
      const next = limits.length === 0 ? null : readNext(successor, environment, isOwn);
      if (next === null) become({ ...successor, limits }, environment);
      if ("complaint" in next) return speaker.complain(next.complaint, chpstExitCodes.usage);
      plan = next;
      environment = successor.environment;
    } catch (error) {
      return plan.isSilent ? 0 : speaker.report(error, chpstExitCodes.fatal);
    }
  }
}

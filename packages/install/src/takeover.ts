import { resolve } from "node:path";

import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { UsageError } from "@upkeep/program/core/usage";
import { writeText } from "@upkeep/program/messages/output";
import type { Program } from "@upkeep/program/process/run-program";

import { takeoverLine } from "./cli.ts";
import { usualDirectory } from "./core/request.ts";
import { failuresOf, renderTakeover, takeoverToJson } from "./core/takeover/report.ts";
import { takeOver } from "./takeover/take-over.ts";

/** upkeep-takeover(1): goes on with the services of runit's supervisors, and restarts none. */
export const upkeepTakeover: Program = { name: "upkeep takeover", exitCodes: { usage: 100, fatal: 111 }, main };

const mostFailures = 99;

async function main(invocation: Invocation): Promise<number> {
  const { options, operands } = parseOptions(invocation, takeoverLine);
  if (operands.length > 1) throw new UsageError(takeoverLine.usage);
  const directory = resolve(operands[0] ?? process.env["SVDIR"] ?? usualDirectory);
  const done = await takeOver(directory, options["dry-run"] === true);
  writeText(1, (options["json"] === true ? takeoverToJson : renderTakeover)(done));
  return Math.min(failuresOf(done), mostFailures);
}

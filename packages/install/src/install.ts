import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { writeText } from "@upkeep/program/messages/output";
import type { Program } from "@upkeep/program/process/run-program";

import { ask } from "./ask.ts";
import { installLine } from "./cli.ts";
import { doneToJson, renderDone, renderPieces } from "./core/report.ts";
import { putInPlace } from "./files/put-in-place.ts";

/** upkeep-install(1): writes what a host needs to start runsvdir at boot. */
export const upkeepInstall: Program = { name: "upkeep install", exitCodes: { usage: 100, fatal: 111 }, main };

async function main(invocation: Invocation): Promise<number> {
  const { options, operands } = parseOptions(invocation, installLine);
  const { plan, root } = ask(options, operands, installLine.usage);
  const isJson = options["json"] === true;
  if (options["dry-run"] === true && !isJson) {
    writeText(1, renderPieces(plan.pieces, root));
    return 0;
  }
  const done =
    options["dry-run"] === true
      ? plan.pieces.map((piece) => ({ piece, outcome: "left alone", copy: null }) as const)
      : putInPlace(plan.pieces, root, options["replace"] === true);
  writeText(1, (isJson ? doneToJson : renderDone)(done, root, plan.afterInstall));
  return 0;
}

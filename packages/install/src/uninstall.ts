import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { writeText } from "@upkeep/program/messages/output";
import type { Program } from "@upkeep/program/process/run-program";

import { ask } from "./ask.ts";
import { uninstallLine } from "./cli.ts";
import { doneToJson, renderDone } from "./core/report.ts";
import { takeBack } from "./files/put-in-place.ts";

/** upkeep-install(1): takes back what `upkeep install` has written. */
export const upkeepUninstall: Program = { name: "upkeep uninstall", exitCodes: { usage: 100, fatal: 111 }, main };

async function main(invocation: Invocation): Promise<number> {
  const { options, operands } = parseOptions(invocation, uninstallLine);
  const { plan, root } = ask(options, operands, uninstallLine.usage);
  const done = takeBack(plan.pieces, root);
  writeText(1, (options["json"] === true ? doneToJson : renderDone)(done, root, plan.afterUninstall));
  return 0;
}

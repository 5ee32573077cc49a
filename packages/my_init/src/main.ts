import { myInitExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { writeText } from "@upkeep/program/messages/output";
import type { Program } from "@upkeep/program/process/run-program";
import { traceDescriptor } from "@upkeep/program/trace/open-trace";
import { quietRuntime } from "@upkeep/linux/exec/runtime";

import { contradictionIn, readOptions } from "./cli/options.ts";

/** my_init(8): process 1 of a container. */
export const myInit: Program = { name: "my_init", exitCodes: myInitExitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const options = readOptions(invocation);
  const contradiction = contradictionIn(options);
  if (contradiction !== null) {
    writeText(2, `*** ${contradiction}\n`);
    return myInitExitCodes.fatal;
  }
  quietRuntime("my_init", traceDescriptor());
  return (await import("./open.ts")).live(options);
}

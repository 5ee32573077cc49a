import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { millisOfSeconds } from "@upkeep/program/core/seconds";
import { UsageError } from "@upkeep/program/core/usage";

import { defaultStopTimeout, readOperands, type Options } from "../core/arguments.ts";

const help = `usage: runsvdir [-P] dir [log]
       runsvdir [--inline] [--orderly] [--stop-timeout seconds] [-P] dir [log]

Starts and monitors one runsv for each service directory, or link to one, in
the scan directory dir. log, of seven or more characters, is made to show what
the services write to their standard error in the process list.`;

/** Parses a command line that begins with a long option. Throws UsageError and Answer. */
export function parseLongOptions(invocation: Invocation, usage: string): Options | "usage" {
  const parsed = parseOptions(invocation, {
    usage,
    help,
    manual: "runsvdir(8)",
    options: {
      P: { type: "boolean", describe: "give each runsv a session and process group of its own" },
      orderly: { type: "boolean", describe: "on TERM, HUP and INT stop all services, wait for that, exit 0" },
      inline: { type: "boolean", describe: "supervise in this process, without a runsv for each service" },
      "stop-timeout": {
        type: "string",
        requiresArg: true,
        argument: "seconds",
        describe: `how long until such a stop kills what has not ended (${defaultStopTimeout / 1000})`,
      },
    },
  });
  const { P, inline, orderly, "stop-timeout": seconds } = parsed.options;
  return readOperands(parsed.operands, {
    newSession: P === true,
    isOrderly: orderly === true,
    isInline: inline === true,
    stopTimeout: typeof seconds === "string" ? millisOf(seconds, invocation.name, usage) : defaultStopTimeout,
  });
}

function millisOf(seconds: string, name: string, usage: string): number {
  const millis = millisOfSeconds(seconds);
  if (millis === null) throw new UsageError(`${name}: illegal argument -- stop-timeout ${seconds}\n${usage}`);
  return millis;
}

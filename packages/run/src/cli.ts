import type { CommandLine, Option } from "@upkeep/program/command-line/options";
import { usageText } from "@upkeep/program/core/usage";

const text = (describe: string, argument: string): Option => ({
  type: "string",
  requiresArg: true,
  describe,
  argument,
});

/** The command line of `upkeep run`. */
export const commandLine: CommandLine<Readonly<Record<string, Option>>> = {
  usage: usageText("upkeep run", "[option ...] [NAME ...]"),
  help: `usage: upkeep run [option ...] [NAME ...]

Runs the processes of a Procfile in the foreground, each line behind the name of
its process, until one of them ends or Ctrl-C comes. Then all end. With NAMEs:
only these. From another terminal, in the same directory, sv controls them.`,
  manual: "upkeep-run(1)",
  options: {
    f: text("the Procfile, another file that can be imported, or a directory of services", "FILE"),
    e: text("variables of all processes (.env beside the Procfile)", "ENV"),
    m: text("how many of each process, as in web=2,worker=3 or all=2", "FORMATION"),
    p: text("PORT of the first process (5000); each further one adds 100", "PORT"),
    timeout: text("how long processes get to stop before they are killed (5)", "SECONDS"),
    "can-die": text("processes that may end without ending all, as in worker,css or all", "NAMES"),
    restart: text("processes that are started again when they end", "NAMES"),
  },
};

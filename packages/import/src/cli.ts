import type { CommandLine, Option } from "@upkeep/program/command-line/options";
import { usageText } from "@upkeep/program/core/usage";

import { formats } from "./core/recognize.ts";

const help = `usage: upkeep import [--to DIR] [--format FORMAT] [--dry-run] [--evaluate] [--json] [--strict] [--replace] FILE|DIR ...

Makes service directories from the files of other supervisors: supervisord.conf,
Procfile, units of systemd, the files of process-compose, compose and pm2, and
the directories of s6-rc and s6-overlay. Tells for each key what became of it,
and warns of each key that cannot be expressed. Exit code: 0; 1 if something is
not imported, or with --strict if there is a warning; 111 if nothing could be
read or written.`;

const options: Readonly<Record<string, Option>> = {
  to: {
    type: "string",
    requiresArg: true,
    describe: "make the service directories there (./service)",
    argument: "DIR",
  },
  format: {
    type: "string",
    requiresArg: true,
    describe: `what the files are: ${formats.join(", ")}`,
    argument: "FORMAT",
  },
  "dry-run": { type: "boolean", describe: "write nothing: show the files instead" },
  evaluate: { type: "boolean", describe: "run a JavaScript file that is no literal, with node" },
  json: { type: "boolean", describe: "tell everything as JSON" },
  strict: { type: "boolean", describe: "take warnings for errors: then nothing is written" },
  replace: { type: "boolean", describe: "replace directories that are there, and keep copies of them" },
};

/** The command line of `upkeep import`. */
export const commandLine: CommandLine<Readonly<Record<string, Option>>> = {
  usage: usageText(
    "upkeep import",
    "[--to DIR] [--format FORMAT] [--dry-run] [--evaluate] [--json] [--strict] [--replace] FILE|DIR ...",
  ),
  help,
  manual: "upkeep-import(1)",
  options,
};

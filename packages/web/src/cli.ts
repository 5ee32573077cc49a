import type { CommandLine, Option } from "@upkeep/program/command-line/options";
import { usageText } from "@upkeep/program/core/usage";

const text = (describe: string, argument: string): Option => ({
  type: "string",
  requiresArg: true,
  describe,
  argument,
});

/** The command line of `upkeep web`. */
export const commandLine: CommandLine<Readonly<Record<string, Option>>> = {
  usage: usageText("upkeep web", "[option ...] [DIR ...]"),
  help: `usage: upkeep web [option ...] [DIR ...]

Shows the services of scan directories (/etc/service, or SVDIR) in a browser,
and to monitoring: a page, JSON and events below /api/v1, /metrics, /healthz.
It only looks, unless --allow-control is there.`,
  manual: "upkeep-web(1)",
  options: {
    socket: text("listen on this Unix socket (/run/upkeep/web.sock), for its user and group", "PATH"),
    listen: text("listen on TCP instead; only with a token", "ADDRESS:PORT"),
    "token-file": text("whoever asks must have the token in this file", "FILE"),
    "allow-control": { type: "boolean", describe: "allow to start, stop, restart and signal services" },
    host: text("further names of this server, as behind a proxy, separated by commas", "NAMES"),
  },
};

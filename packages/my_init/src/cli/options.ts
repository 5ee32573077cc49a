import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { usageText } from "@upkeep/program/core/usage";

/** What the command line asks for. */
export interface Options {
  readonly enableInsecureKey: boolean;
  readonly skipStartupFiles: boolean;
  readonly skipRunit: boolean;
  readonly killAllOnExit: boolean;
  /** Say only what went wrong. */
  readonly quiet: boolean;
  /** Lines of services without a log of their own begin with their names. */
  readonly prefixLogs: boolean;
  /** Services have no runsv each; UPKEEP_INLINE=0 has the last word. */
  readonly inline: boolean;
  /** The main command and its arguments; empty: there are only the services. */
  readonly mainCommand: readonly string[];
}

const help = `usage: my_init [options] [--] [main-command [argument ...]]

Is process 1 of a container: runs the startup files of /etc/my_init.d and
/etc/rc.local, starts the services of /etc/service and the main command, and
stops all of it in order on TERM, INT or the end of the main command.`;

/** What each option is for, as `--help` tells it. */
export const descriptions = {
  "enable-insecure-key": "let the published insecure key log in as root",
  "skip-startup-files": "run neither /etc/my_init.d nor /etc/rc.local",
  "skip-runit": "start no services; needs a main command",
  "no-kill-all-on-exit": "leave what else runs alone at the end",
  quiet: "say only what went wrong",
  "prefix-logs": "put the service's name in front of each line that it writes to the container's output",
  "no-inline": "give each service a runsv of its own",
} as const;

/** Parses the command line. Throws UsageError and Answer. */
export function readOptions(invocation: Invocation): Options {
  const usage = usageText(invocation.name, "[options] [--] [main-command [argument ...]]");
  const [first] = invocation.args;
  const asked = first === "-h" ? { ...invocation, args: ["--help"] } : invocation;
  const known = Object.fromEntries(
    Object.entries(descriptions).map(([name, describe]) => [name, { type: "boolean" as const, describe }]),
  );
  const parsed = parseOptions(asked, { usage, help, manual: "my_init(8)", options: known });
  const isOn = (name: keyof typeof descriptions): boolean => parsed.options[name] === true;
  return {
    enableInsecureKey: isOn("enable-insecure-key"),
    skipStartupFiles: isOn("skip-startup-files"),
    skipRunit: isOn("skip-runit"),
    killAllOnExit: !isOn("no-kill-all-on-exit"),
    quiet: isOn("quiet"),
    prefixLogs: isOn("prefix-logs"),
    inline: !isOn("no-inline"),
    mainCommand: parsed.operands,
  };
}

/** What is wrong with the options as a whole, if anything. */
export function contradictionIn({ skipRunit, mainCommand }: Options): string | null {
  return skipRunit && mainCommand.length === 0
    ? "When --skip-runit is given, you must also pass a main command."
    : null;
}

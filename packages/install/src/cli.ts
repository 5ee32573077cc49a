import type { CommandLine, Option } from "@upkeep/program/command-line/options";
import { usageText } from "@upkeep/program/core/usage";

const hosts: Readonly<Record<string, Option>> = {
  systemd: { type: "boolean", describe: "a unit of systemd" },
  openrc: { type: "boolean", describe: "a service of OpenRC, in the default runlevel" },
  sysv: { type: "boolean", describe: "a line of /etc/inittab, for sysvinit and BusyBox" },
  container: { type: "boolean", describe: "a Containerfile in the working directory" },
  user: { type: "boolean", describe: "with --systemd: for your own services, without root" },
};

const root: Option = {
  type: "string",
  requiresArg: true,
  describe: "the host's files are below this directory, as in an image",
  argument: "ROOT",
};

const json: Option = { type: "boolean", describe: "tell as JSON what was done" };

/** What both commands are told about the host. */
const hostOptions: Readonly<Record<string, Option>> = { ...hosts, root };

/** The command line of `upkeep install`. */
export const installLine: CommandLine<Readonly<Record<string, Option>>> = {
  usage: usageText("upkeep install", "--systemd|--openrc|--sysv|--container [option ...] [DIR]"),
  help: `usage: upkeep install --systemd|--openrc|--sysv|--container [option ...] [DIR]

Writes what the host needs to start runsvdir at boot, for the services in DIR:
/etc/service, or with --user ~/.config/service. It starts nothing, and says what
to type next. With --container, DIR is what goes into the image: ./service.`,
  manual: "upkeep-install(1)",
  options: {
    ...hostOptions,
    "dry-run": { type: "boolean", describe: "write nothing: show the files instead" },
    replace: { type: "boolean", describe: "replace what is there with other content, and keep a copy" },
    json,
  },
};

/** The command line of `upkeep uninstall`. */
export const uninstallLine: CommandLine<Readonly<Record<string, Option>>> = {
  usage: usageText("upkeep uninstall", "--systemd|--openrc|--sysv|--container [option ...] [DIR]"),
  help: `usage: upkeep uninstall --systemd|--openrc|--sysv|--container [option ...] [DIR]

Removes what 'upkeep install' with the same words has written, if nobody has
changed it since. Services and their directories stay.`,
  manual: "upkeep-install(1)",
  options: { ...hostOptions, json },
};

/** The command line of `upkeep takeover`. */
export const takeoverLine: CommandLine<Readonly<Record<string, Option>>> = {
  usage: usageText("upkeep takeover", "[option ...] [DIR]"),
  help: `usage: upkeep takeover [option ...] [DIR]

Has supervisors of this suite go on with the services that runit's supervise in
the scan directory DIR: SVDIR, or /etc/service. No service and no log is
restarted, and no line is lost. The commands of this suite must be those that
PATH of the running runsvdir leads to.`,
  manual: "upkeep-takeover(1)",
  options: {
    "dry-run": { type: "boolean", describe: "change nothing: tell what would be done" },
    json,
  },
};

import { join, relative, resolve } from "node:path";

import { commandsInPath } from "@upkeep/program/command-line/commands-in-path";
import { commandsDirectory } from "@upkeep/program/command-line/invocation";
import { UsageError } from "@upkeep/program/core/usage";
import { FatalError } from "@upkeep/program/process/run-program";

import { PlanError } from "./core/command.ts";
import { planFor } from "./core/plan.ts";
import { type Host, hosts, nameFor, type Plan, usualDirectory } from "./core/request.ts";
import { textOf } from "./files/find.ts";

/** What was asked for, made out with the help of this host. */
export interface Asked {
  readonly plan: Plan;
  /** What stands before each path of the plan. */
  readonly root: string;
}

/** Throws UsageError with `usage`, or FatalError if the host cannot be told that. */
export function ask(options: Readonly<Record<string, unknown>>, operands: readonly string[], usage: string): Asked {
  const chosen = hosts.filter((host) => options[host] === true);
  const [host] = chosen;
  const isUser = options["user"] === true;
  if (host === undefined || chosen.length > 1 || operands.length > 1 || (isUser && host !== "systemd"))
    throw new UsageError(usage);
  const userConfiguration = isUser ? ownConfiguration() : null;
  const usual = userConfiguration === null ? usualDirectory : join(userConfiguration, "service");
  const directory = host === "container" ? relative(".", operands[0] ?? "service") : resolve(operands[0] ?? usual);
  // eslint-disable-next-line no-control-regex -- no file of a host takes such a path
  if (/[\x00-\x1f\x7f]/.test(directory)) throw new FatalError("a control character in the path", directory);
  const root = rootFor(host, options["root"]);
  const inittab = host === "sysv" ? textOf(`${root}/etc/inittab`) : null;
  const name = nameFor(directory, usual);
  try {
    // PATH outlives an upgrade better than the place that links lead to.
    const commands = commandsInPath() ?? commandsDirectory();
    return { plan: planFor({ host, directory, name, commands, userConfiguration, inittab }), root };
  } catch (error) {
    if (error instanceof PlanError) throw new FatalError(error.message, null);
    throw error;
  }
}

/** Without a trailing slash: paths of the host begin with one, those of a Containerfile do not. */
function rootFor(host: Host, option: unknown): string {
  const root = typeof option === "string" ? resolve(option).replace(/\/$/, "") : null;
  if (host === "container") return root === null ? "" : `${root}/`;
  return root ?? "";
}

function ownConfiguration(): string {
  const { XDG_CONFIG_HOME: configuration, HOME: home } = process.env;
  if (configuration !== undefined && configuration.startsWith("/")) return configuration;
  if (home === undefined || !home.startsWith("/")) throw new FatalError("HOME is not set", null);
  return join(home, ".config");
}

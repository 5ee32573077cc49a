import type { Invocation } from "@upkeep/program/command-line/invocation";

import type { CommandName } from "../commands.ts";

/** What a call of the executable asks for. */
export type Choice =
  | { readonly kind: "command"; readonly command: CommandName; readonly invocation: Invocation }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  /** The same and more, as JSON. */
  | { readonly kind: "build" }
  | { readonly kind: "usage" };

/** What checks service directories is a word of both: nothing needs to run for it. */
export const wordsOfSv: readonly string[] = ["lint"];

/**
 * Chooses the command: the name that the executable was called by, or for `upkeep` the first operand. Any other name is
 * that of a service, as of a link in /etc/init.d, and means sv.
 */
export function choose(invocation: Invocation, commandNamed: (name: string) => CommandName | null): Choice {
  const { name: called, args } = invocation;
  const direct = commandNamed(called);
  if (direct !== null) return { kind: "command", command: direct, invocation };
  if (called !== "upkeep") return { kind: "command", command: "sv", invocation };
  const [first = "", ...rest] = args;
  if (first === "--help" || first === "-h") return { kind: "help" };
  if (first === "--version") return { kind: rest.includes("--json") ? "build" : "version" };
  if (wordsOfSv.includes(first)) {
    return { kind: "command", command: "sv", invocation: { name: "sv", calledAs: "sv", args } };
  }
  // `upkeep import` is the command upkeep-import.
  for (const name of [first, `upkeep-${first}`]) {
    const command = commandNamed(name);
    if (command !== null) return { kind: "command", command, invocation: { name, calledAs: name, args: rest } };
  }
  return { kind: "usage" };
}

import { describeProblem, type OptionProblem } from "@upkeep/program/core/getopt";
import { usageText } from "@upkeep/program/core/usage";

import type { Stop } from "./plan.ts";

/** What each command is called with. Source: runit 2.1.2, with the options that came later. */
const synopses = {
  chpst:
    "[-vVFP012] [-u user[:group]] [-U user[:group]] [-b argv0] [-e dir] [-/ root] [-C pwd] [-n nice] [-l|-L lock] [-m n] [-d n] [-o n] [-p n] [-f n] [-c n] [-r n] [-t n] prog",
  setuidgid: "account child",
  envuidgid: "account child",
  envdir: "dir child",
  pgrphack: "child",
  setlock: "[ -nNxX ] file program [ arg ... ]",
  softlimit:
    "[-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] [-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child",
} as const;

export type CommandName = keyof typeof synopses;
export type Alias = Exclude<CommandName, "chpst">;

/** The command that a base name means, with or without a `d` in front of an alias. Null for other names. */
export function commandNamed(name: string): CommandName | null {
  const known = Object.keys(synopses) as CommandName[];
  return known.find((command) => name === command || (name === `d${command}` && command !== "chpst")) ?? null;
}

/** The same, but any other name means chpst. */
export function commandOf(name: string): CommandName {
  return commandNamed(name) ?? "chpst";
}

/**
 * The usage, for standard error.
 *
 * @param shown the command whose options are in it: for a bad number runit's softlimit prints those of chpst.
 */
export function usageOf(command: CommandName, shown: CommandName = command): string {
  return usageText(command, synopses[shown]);
}

/** What follows from a command line with a problem: help, the version, or a complaint of the command called `name`. */
export function stopFor(problem: OptionProblem, name: string, usage: string): Stop {
  if (problem.kind === "long" && (problem.name === "help" || problem.name === "version")) return problem.name;
  return { complaint: `${name}: ${describeProblem(problem)}\n${usage}` };
}

import { getopt } from "@upkeep/program/core/getopt";
import type { ByteText } from "@upkeep/linux/core/byte-text";

import { inOrder, type WantedLimit, readNumber, softlimitLimits, limitsFor } from "./limits.ts";
import { emptyPlan, type Plan, type Reading } from "./plan.ts";
import { type Alias, stopFor, usageOf } from "./usage.ts";

/**
 * Reads the command line of one of the other names of chpst, which do what daemontools' commands do.
 *
 * @param name the name it was called by, which may have a `d` in front.
 */
export function readAlias(alias: Alias, name: string, args: readonly ByteText[]): Reading {
  switch (alias) {
    case "setlock":
      return readSetlock(name, args);
    case "softlimit":
      return readSoftlimit(name, args);
    case "pgrphack":
      return readOperands(alias, args, () => ({ wantsSession: true }));
    case "envdir":
      return readOperand(alias, args, (path) => ({ environmentDirectory: { path, onDirectory: "fail" } }));
    case "setuidgid":
      return readOperand(alias, args, (text) => ({ user: { kind: "account", text } }));
    case "envuidgid":
      return readOperand(alias, args, (text) => ({ shownUser: { kind: "account", text } }));
  }
}

/** These have no options. Any first word is an operand, except `--help` and `--version`. */
function readOperand(alias: Alias, args: readonly ByteText[], change: (operand: ByteText) => Partial<Plan>): Reading {
  const [operand = "", ...rest] = args;
  return readOperands(alias, args, () => change(operand), rest);
}

function readOperands(
  alias: Alias,
  args: readonly ByteText[],
  change: () => Partial<Plan>,
  command: readonly ByteText[] = args,
): Reading {
  if (args[0] === "--help") return { stop: "help" };
  if (args[0] === "--version") return { stop: "version" };
  return planOf(alias, command, change());
}

function planOf(alias: Alias, command: readonly ByteText[], change: Partial<Plan>): Reading {
  const [program] = command;
  if (program === undefined) return { stop: { complaint: usageOf(alias) } };
  return { plan: { ...emptyPlan, ...change, program, argv: command } };
}

function readSetlock(name: string, args: readonly ByteText[]): Reading {
  const { options, operands, problem } = getopt("nNxX", args);
  if (problem !== null) return { stop: stopFor(problem, name, usageOf("setlock")) };
  const has = (on: string, off: string): boolean =>
    options.findLast(({ letter }) => letter === on || letter === off)?.letter === on;
  const [path = "", ...command] = operands;
  // In daemontools -n means the opposite. Scripts for runit rely on runit's meaning.
  return planOf("setlock", command, { lock: { path, waits: has("n", "N") }, isSilent: has("x", "X") });
}

function readSoftlimit(name: string, args: readonly ByteText[]): Reading {
  const letters = Object.keys(softlimitLimits).map((letter) => `${letter}:`);
  const { options, operands, problem } = getopt(letters.join(""), args);
  const limits: WantedLimit[] = [];
  for (const { letter, value } of options) {
    const wanted = value === "=" ? "hard" : readNumber(value);
    if (wanted === null) return { stop: { complaint: usageOf("softlimit", "chpst") } };
    limits.push(...limitsFor(softlimitLimits, letter, wanted));
  }
  if (problem !== null) return { stop: stopFor(problem, name, usageOf("softlimit")) };
  return planOf("softlimit", operands, { limits: inOrder(limits) });
}

import { type FoundOption, getopt } from "@upkeep/program/core/getopt";
import { version } from "@upkeep/program/core/version";
import type { ByteText } from "@upkeep/linux/core/byte-text";

import { readAlias } from "./aliases.ts";
import { chpstLimits, inOrder, readNumber, limitsFor } from "./limits.ts";
import { emptyPlan, type Plan, type Reading } from "./plan.ts";
import { commandOf, stopFor, usageOf } from "./usage.ts";

const letters = "u:U:b:e:m:d:o:p:f:c:r:t:/:C:n:l:L:vFP012V";

/** A plan in the making. */
interface Draft {
  plan: Omit<Plan, "program" | "argv">;
  argv0: ByteText | null;
  isVerbose: boolean;
  isNamespaced: boolean;
}

/** No two levels are further apart. A greater number would not survive the arithmetic. */
const greatestIncrement = 40;

/**
 * Reads the command line of chpst, or of the alias that it was called by.
 *
 * @param name the base name it was called by.
 */
export function readCommandLine(name: string, args: readonly ByteText[]): Reading {
  const command = commandOf(name);
  return command === "chpst" ? readChpst(name, args) : readAlias(command, name, args);
}

function readChpst(name: string, args: readonly ByteText[]): Reading {
  const usage = usageOf("chpst");
  const { options, operands, problem } = getopt(letters, args);
  const draft: Draft = { plan: emptyPlan, argv0: null, isVerbose: false, isNamespaced: false };
  for (const option of options) {
    if (option.letter === "V") return { stop: { complaint: `$Id: upkeep ${version} $\n${usage}` } };
    if (!take(option, draft)) return { stop: { complaint: usage } };
  }
  if (problem !== null) return { stop: stopFor(problem, name, usage) };
  const [program, ...rest] = operands;
  if (program === undefined) return { stop: { complaint: usage } };
  const { plan, argv0, isVerbose, isNamespaced } = draft;
  const { environmentDirectory } = plan;
  return {
    plan: {
      ...plan,
      environmentDirectory:
        environmentDirectory === null ? null : { ...environmentDirectory, onDirectory: isVerbose ? "warn" : "skip" },
      limits: inOrder(plan.limits),
      namespaced: isNamespaced ? [...withoutNamespace(options), "--", ...operands] : null,
      program,
      argv: [argv0 ?? program, ...rest],
    },
  };
}

/** The options as words, all but -F. */
function withoutNamespace(options: readonly FoundOption[]): readonly ByteText[] {
  return options
    .filter(({ letter }) => letter !== "F")
    .flatMap(({ letter, value }) => [`-${letter}`, ...(letters.includes(`${letter}:`) ? [value] : [])]);
}

/** Returns whether the option makes sense. */
function take({ letter, value }: FoundOption, draft: Draft): boolean {
  switch (letter) {
    case "b":
      draft.argv0 = value;
      return true;
    case "v":
      draft.isVerbose = true;
      return true;
    case "F":
      draft.isNamespaced = true;
      return true;
    default: {
      const change = planChange(letter, value, draft.plan);
      draft.plan = { ...draft.plan, ...change };
      return change !== null;
    }
  }
}

/** What an option changes; null when its value makes no sense. */
function planChange(letter: string, value: ByteText, plan: Draft["plan"]): Partial<Plan> | null {
  switch (letter) {
    case "u":
      return { user: { kind: "user:group", text: value } };
    case "U":
      return { shownUser: { kind: "user:group", text: value } };
    case "e":
      return { environmentDirectory: { path: value, onDirectory: "skip" } };
    case "/":
      return { root: value };
    case "C":
      return { directory: value };
    case "n":
      return readNice(value);
    case "l":
    case "L":
      return plan.lock === null ? { lock: { path: value, waits: letter === "l" } } : null;
    case "P":
      return { wantsSession: true };
    case "0":
    case "1":
    case "2":
      return { closed: ([0, 1, 2] as const).filter((fd) => letter === String(fd) || plan.closed.includes(fd)) };
    default: {
      const number = readNumber(value);
      return number === null ? null : { limits: [...plan.limits, ...limitsFor(chpstLimits, letter, number)] };
    }
  }
}

function readNice(text: ByteText): Pick<Plan, "nice"> | null {
  const [, sign, digits] = /^([-+]?)(\d*)$/.exec(text) ?? [];
  if (digits === undefined) return null;
  const size = Math.min(Number(digits), greatestIncrement);
  return { nice: sign === "-" ? -size : size };
}

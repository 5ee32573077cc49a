import { mostSeconds } from "@upkeep/program/core/seconds";
import { harmless } from "@upkeep/program/core/one-line";
import { describeProblem, getopt } from "@upkeep/program/core/getopt";
import { UsageError, usageText } from "@upkeep/program/core/usage";

import type { AwaitedState } from "./awaited-state.ts";
import type { CompletedShell } from "./completion.ts";
import type { GraphFormat } from "./graph.ts";

/**
 * What words ask for that runit's sv does not have. They count only when they are written out: every abbreviation,
 * `h`, `e`, `wai`, keeps runit's meaning.
 */
export type Extension =
  | { readonly kind: "json" | "health"; readonly services: readonly string[] }
  | {
      readonly kind: "list";
      readonly isWide: boolean;
      readonly isWatching: boolean;
      readonly services: readonly string[];
    }
  | { readonly kind: "enable" | "disable" | "top"; readonly services: readonly string[] }
  /** `words` are options and services, which the command itself reads: other commands need not load that. */
  | { readonly kind: "log" | "lint"; readonly words: readonly string[] }
  | { readonly kind: "show" | "blame"; readonly isJson: boolean; readonly services: readonly string[] }
  | { readonly kind: "graph"; readonly format: GraphFormat; readonly services: readonly string[] }
  | { readonly kind: "completion"; readonly shell: CompletedShell }
  /** Null: the directory where services are looked for. */
  | { readonly kind: "renew"; readonly directory: string | null }
  | {
      readonly kind: "wait";
      readonly state: AwaitedState;
      /** Null where the command line does not say. */
      readonly seconds: number | null;
      readonly services: readonly string[];
    };

const states: ReadonlySet<string> = new Set<AwaitedState>(["up", "down", "ready", "failed"]);

const shells: ReadonlySet<string> = new Set<CompletedShell>(["bash", "zsh", "fish"]);

const kinds: ReadonlySet<string> = new Set([
  "wait",
  "health",
  "list",
  "enable",
  "disable",
  "log",
  "lint",
  "completion",
  "show",
  "graph",
  "renew",
  "blame",
  "top",
]);

/** The words that only we know, besides `status --json`. */
export const extensionWords: readonly string[] = [...kinds];

/** Whether the command line is for {@link readExtension}. */
export function isExtension([command = "", ...operands]: readonly string[]): boolean {
  return kinds.has(command) || (command === "status" && operands.includes("--json"));
}

const usages = {
  list: "list [--wide] [--watch] [--json] [service ...]",
  health: "health [service ...]",
  wait: "wait [-t sec] up|down|ready|failed service ...",
  enable: "enable service ...",
  disable: "disable service ...",
  completion: "completion bash|zsh|fish",
  show: "show [--json] service ...",
  renew: "renew [dir]",
  blame: "blame [--json] [service ...]",
  top: "top [service ...]",
  graph: "graph [--dot|--mermaid|--json] [service ...]",
} as const;

type Word = keyof typeof usages;

/** Reads such a command line. Throws {@link UsageError}, which first says what is wrong with it. */
export function readExtension([command = "", ...operands]: readonly string[]): Extension {
  switch (command) {
    case "wait":
      return readWait(operands);
    case "health":
    case "top":
      return { kind: command, services: withoutOptions(command, operands) };
    case "list":
      return readList(operands);
    case "enable":
    case "disable":
      return { kind: command, services: someServices(command, withoutOptions(command, operands)) };
    case "log":
    case "lint":
      return { kind: command, words: operands };
    case "show": {
      const { flags, rest } = takeFlags(operands, ["--json"]);
      const services = someServices(command, withoutOptions(command, rest));
      return { kind: command, isJson: flags.has("--json"), services };
    }
    case "blame": {
      const { flags, rest } = takeFlags(operands, ["--json"]);
      return { kind: command, isJson: flags.has("--json"), services: withoutOptions(command, rest) };
    }
    case "graph": {
      const { flags, rest } = takeFlags(operands, ["--dot", "--mermaid", "--json"]);
      const [flag = "--text", ...others] = flags;
      if (others.length > 0) throw complaint(command, "only one form at a time");
      return { kind: command, format: flag.slice(2) as GraphFormat, services: withoutOptions(command, rest) };
    }
    case "renew": {
      const [directory = null, ...others] = withoutOptions(command, operands);
      if (others.length > 0) throw complaint(command, "only one directory at a time");
      return { kind: command, directory };
    }
    case "completion":
      return { kind: command, shell: shellOf(withoutOptions(command, operands)) };
    default:
      return { kind: "json", services: operands.filter((word) => word !== "--json") };
  }
}

/** With `--json` it is the same as `status --json`. */
function readList(operands: readonly string[]): Extension {
  const { flags, rest } = takeFlags(operands, ["--wide", "--watch", "--json"]);
  const services = withoutOptions("list", rest);
  if (flags.has("--json")) return { kind: "json", services };
  return { kind: "list", isWide: flags.has("--wide"), isWatching: flags.has("--watch"), services };
}

/** Takes options without a value out of the operands, wherever they stand before `--`. */
function takeFlags(
  operands: readonly string[],
  known: readonly string[],
): { readonly flags: ReadonlySet<string>; readonly rest: readonly string[] } {
  const end = operands.includes("--") ? operands.indexOf("--") : operands.length;
  const isFlag = (word: string, index: number): boolean => index < end && known.includes(word);
  return { flags: new Set(operands.filter(isFlag)), rest: operands.filter((word, index) => !isFlag(word, index)) };
}

function readWait(operands: readonly string[]): Extension {
  const { options, operands: rest, isEndMarked, problem } = getopt("t:", operands);
  for (const { value } of options) {
    const isNumber = /^\d+(\.\d{1,3})?$/.test(value) && Number(value) <= mostSeconds;
    if (!isNumber) throw complaint("wait", `illegal argument -- t ${value}`);
  }
  if (problem?.kind === "valueMissing") throw complaint("wait", describeProblem(problem));
  const seconds = options.length === 0 ? null : Number(options.at(-1)?.value);
  const [state, ...services] = isEndMarked ? rest : withoutOptions("wait", rest);
  if (state === undefined) throw complaint("wait", "no state given");
  if (!states.has(state)) throw complaint("wait", `unknown state -- ${state}`);
  return { kind: "wait", state: state as AwaitedState, seconds, services: someServices("wait", services) };
}

function shellOf([shell = "", ...others]: readonly string[]): CompletedShell {
  if (!shells.has(shell) || others.length > 0)
    throw complaint("completion", `unknown shell -- ${[shell, ...others].join(" ")}`);
  return shell as CompletedShell;
}

function someServices(word: Word, services: readonly string[]): readonly string[] {
  if (services.length === 0) throw complaint(word, "no service given");
  return services;
}

/** The operands, none of which is an option. Behind `--`, or as `./-x`, they may begin with a dash. */
function withoutOptions(word: Word, operands: readonly string[]): readonly string[] {
  const end = operands.indexOf("--");
  const before = end === -1 ? operands : operands.slice(0, end);
  const option = before.find((one) => one.startsWith("-"));
  if (option !== undefined) throw complaint(word, whatIsWrongWith(option, word));
  return end === -1 ? operands : [...before, ...operands.slice(end + 1)];
}

function whatIsWrongWith(option: string, word: Word): string {
  if (option === "--json") return "only status, list, show, graph and blame have --json";
  if (/^-[vw]/.test(option)) return `option must come before ${word} -- ${option.slice(1)}`;
  if (word === "wait" && option.startsWith("-t")) return "option must come before the state -- t";
  return `illegal option -- ${option.replace(/^--?(?=.)/, "")}`;
}

function complaint(word: Word, reason: string): UsageError {
  return new UsageError(`sv ${word}: ${harmless(reason)}\n${usageText("sv", usages[word])}`);
}

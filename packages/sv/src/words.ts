import { UsageError, usageText } from "@upkeep/program/usage";

/**
 * What the words ask for that runit's sv does not have. They count only when they are written out: of all
 * abbreviations, `h`, `e`, `wai`, runit's meaning stays.
 */
export type Extension =
  | { readonly kind: "json" | "health" | "list"; readonly services: readonly string[] }
  | { readonly kind: "enable" | "disable"; readonly services: readonly string[] }
  | {
      readonly kind: "wait";
      readonly goal: Goal;
      /** Null where the command line does not say. */
      readonly seconds: number | null;
      readonly services: readonly string[];
    };

/** What `sv wait` waits for. */
export type Goal = "up" | "down" | "ready" | "failed";

const goals: ReadonlySet<string> = new Set<Goal>(["up", "down", "ready", "failed"]);

const kinds: ReadonlySet<string> = new Set(["wait", "health", "list", "enable", "disable"]);

/** Whether the command line is for {@link readExtension}. */
export function isExtension([command = "", ...operands]: readonly string[]): boolean {
  return kinds.has(command) || (command === "status" && operands.includes("--json"));
}

const usages = {
  wait: "wait [-t sec] up|down|ready|failed service ...",
  enable: "enable service ...",
  disable: "disable service ...",
} as const;

/** Makes sense of such a command line. Throws {@link UsageError}. */
export function readExtension([command = "", ...operands]: readonly string[]): Extension {
  switch (command) {
    case "wait":
      return readWait(operands);
    case "health":
    case "list":
      return { kind: command, services: withoutOptions(operands, `${command} [service ...]`) };
    case "enable":
    case "disable":
      if (operands.length === 0) throw complaint(usages[command]);
      return { kind: command, services: withoutOptions(operands, usages[command]) };
    default:
      return { kind: "json", services: operands.filter((word) => word !== "--json") };
  }
}

function readWait(operands: readonly string[]): Extension {
  const rest = [...operands];
  let seconds: number | null = null;
  while (rest[0]?.startsWith("-t") === true) {
    const [word = ""] = rest.splice(0, 1);
    const value = word === "-t" ? rest.shift() : word.slice(2);
    if (value === undefined || !/^\d{1,9}(\.\d{1,3})?$/.test(value)) throw complaint(usages.wait);
    seconds = Number(value);
  }
  const [goal = "", ...services] = withoutOptions(rest, usages.wait);
  if (!goals.has(goal) || services.length === 0) throw complaint(usages.wait);
  return { kind: "wait", goal: goal as Goal, seconds, services };
}

/** Operands of which none is an option, but for a first `--`; a service whose name begins with a dash is `./-x`. */
function withoutOptions(operands: readonly string[], usage: string): readonly string[] {
  if (operands[0] === "--") return operands.slice(1);
  if (operands.some((word) => word.startsWith("-"))) throw complaint(usage);
  return operands;
}

function complaint(words: string): UsageError {
  return new UsageError(usageText("sv", words));
}

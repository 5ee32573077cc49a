import { getopt } from "@upkeep/program/core/getopt";

/** What the command line asks for. `complaint`: an option does not exist. `identity`: -V. */
export type Words =
  | { readonly kind: "logout"; readonly line: string; readonly withWtmp: boolean }
  | { readonly kind: "usage" }
  | { readonly kind: "identity" }
  | { readonly kind: "complaint"; readonly letter: string }
  /** `--help` or `--version`. */
  | { readonly kind: "long" };

/** Reads the command line as runit does: bundled letters, up to the first word that is no option. */
export function readWords(args: readonly string[]): Words {
  const { options, operands, problem } = getopt("wV", args);
  if (options.some(({ letter }) => letter === "V")) return { kind: "identity" };
  if (problem?.kind === "long") {
    const isKnown = problem.name === "help" || problem.name === "version";
    return isKnown ? { kind: "long" } : { kind: "complaint", letter: "-" };
  }
  if (problem !== null) return { kind: "complaint", letter: problem.letter };
  const [line] = operands;
  return line === undefined ? { kind: "usage" } : { kind: "logout", line, withWtmp: options.length > 0 };
}

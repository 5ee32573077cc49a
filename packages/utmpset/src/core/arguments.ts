/** What the command line asks for. `complaint`: the option that does not exist; `identity`: -V. */
export type Words =
  | { readonly kind: "logout"; readonly line: string; readonly withWtmp: boolean }
  | { readonly kind: "usage" }
  | { readonly kind: "identity" }
  | { readonly kind: "complaint"; readonly letter: string }
  /** `--help` or `--version`. */
  | { readonly kind: "long" };

/** Reads the command line as runit does: bundled letters, up to the first word that is no option. */
export function readWords(args: readonly string[]): Words {
  let withWtmp = false;
  const rest = [...args];
  for (let word = rest[0]; word !== undefined && word.startsWith("-") && word !== "-"; word = rest[0]) {
    rest.shift();
    if (word === "--") break;
    if (word === "--help" || word === "--version") return { kind: "long" };
    for (const letter of word.slice(1)) {
      if (letter === "V") return { kind: "identity" };
      if (letter !== "w") return { kind: "complaint", letter };
      withWtmp = true;
    }
  }
  const [line] = rest;
  return line === undefined ? { kind: "usage" } : { kind: "logout", line, withWtmp };
}

import type { Errors, Outcome, Output } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { shellWord, type Word } from "../words.ts";
import { expandSpecifiers } from "./specifiers.ts";
import { subject, textOf, type UnitSubject } from "./subject.ts";

const keys = [
  "StandardOutput",
  "StandardError",
  "StandardInput",
  "StandardInputText",
  "StandardInputData",
  "SyslogIdentifier",
] as const;

/** Where an output goes. */
type Target =
  | { readonly kind: "journal" }
  | { readonly kind: "inherit" }
  | { readonly kind: "file"; readonly path: Word; readonly truncates: boolean }
  | { readonly kind: "other" };

/** Both outputs, which the journal has with the name of the unit. */
const outputs = subject(keys, (values, unit) => {
  const targetOf = (key: "StandardOutput" | "StandardError", byDefault: Target): Target =>
    values.read(key, (text) => readTarget(text, unit), byDefault, "an output");
  const output = targetOf("StandardOutput", { kind: "journal" });
  const stated = targetOf("StandardError", { kind: "inherit" });
  const errors = stated.kind === "inherit" ? output : stated;
  const identifier = textOf(values, "SyslogIdentifier", unit);
  const isPrefixed = output.kind !== "file" || errors.kind !== "file";
  const prefix = identifier === null || identifier === unit.name.name ? null : `${identifier} | `;
  const isSame = errors.kind === "file" && output.kind === "file" && shellWord(errors.path) === shellWord(output.path);
  const to: Output = output.kind === "file" ? { kind: "file", path: output.path } : { kind: "prefixed", prefix };
  const also: Errors = isSame
    ? { kind: "joined" }
    : errors.kind === "file"
      ? { kind: "file", path: errors.path }
      : { kind: "inherited" };
  return {
    change: {
      output: to,
      errors: also,
      // Standard error alone goes behind the prefix.
      settings: isPrefixed && to.kind === "file" ? { "log-prefix": prefix ?? "" } : {},
    },
    outcomes: {
      StandardOutput: values.outcome("StandardOutput", outcomeOf(output, "", isPrefixed)),
      StandardError: values.outcome(
        "StandardError",
        !values.has("StandardError") || stated.kind === "inherit"
          ? needless("it goes with standard output")
          : outcomeOf(errors, isSame ? "2>&1" : "2", isPrefixed),
      ),
      StandardInput: values.outcome(
        "StandardInput",
        values.last("StandardInput") === "null"
          ? needless("standard input is that of runsvdir")
          : values.has("StandardInput")
            ? lost("standard input is that of runsvdir", "write exec <FILE into run")
            : needless("it is that of runsvdir"),
      ),
      StandardInputText: lost("standard input is that of runsvdir", "write a here-document into run"),
      StandardInputData: lost("standard input is that of runsvdir", "write a here-document into run"),
      SyslogIdentifier: values.outcome(
        "SyslogIdentifier",
        prefix === null ? needless("it is the name anyway") : became(`log-prefix: ${prefix.trim()}`),
      ),
    },
  };
});

function readTarget(text: string, unit: Parameters<UnitSubject["translate"]>[1]): Target | null {
  const [, how, path] = /^(file|append|truncate):(.+)$/.exec(text) ?? [];
  if (path !== undefined) {
    const word = expandSpecifiers(path, unit.name, unit.file);
    return typeof word === "string" ? null : { kind: "file", path: word, truncates: how === "truncate" };
  }
  if (text === "null") return { kind: "file", path: ["/dev/null"], truncates: false };
  if (text === "inherit") return { kind: "inherit" };
  if (/^(journal|syslog)$/.test(text)) return { kind: "journal" };
  return /^(tty|kmsg|(journal|syslog|kmsg)\+console|socket|fd:.*)$/.test(text) ? { kind: "other" } : null;
}

function outcomeOf(target: Target, number: string, isPrefixed: boolean): Outcome {
  switch (target.kind) {
    case "file":
      if (target.truncates) return lost("run appends to the file, and does not empty it", "write > for >> in run");
      return became(number === "2>&1" ? "run: exec 2>&1" : `run: exec ${number}>>${shellWord(target.path)}`);
    case "other":
      return lost("it goes to the standard output of runsvdir, with a prefix", "redirect it in run");
    case "journal":
    case "inherit":
      return isPrefixed ? became("log-prefix: lines with the name go to the output of runsvdir") : needless("");
  }
}

/** Where its output goes. */
export const outputSubjects: readonly UnitSubject[] = [outputs];

import type { Outcome } from "../model.ts";
import { became, needless } from "../outcome.ts";
import { outcomesOf, type Values } from "../subject.ts";
import { flag, text, type Tree } from "../tree/tree.ts";
import { type AppSubject, subject } from "./context.ts";

/** Keys that name the same file; the first one that is stated counts. */
const outputKeys = ["out_file", "output", "out"] as const;
const errorKeys = ["error_file", "error", "err"] as const;
const bothKeys = ["log_file", "log"] as const;
type PathKey = (typeof outputKeys | typeof errorKeys | typeof bothKeys)[number];

const output = subject(
  [...outputKeys, ...errorKeys, ...bothKeys, "combine_logs", "merge_logs", "disable_logs"],
  (values, { directory }) => {
    const path = (keys: readonly PathKey[]): string | null => {
      const key = keys.find((each) => values.has(each));
      const stated = key === undefined ? null : values.read(key, text, null, "a path");
      const home = stated?.startsWith("~/") === true;
      return stated === null || stated.startsWith("/") || home ? stated : `${directory}/${stated.replace(/^\.\//, "")}`;
    };
    const isOff = values.read("disable_logs", flag, false, "true or false");
    const out = isOff ? "/dev/null" : path(outputKeys);
    const errors = isOff ? "/dev/null" : path(errorKeys);
    const both = path(bothKeys);
    const file = out ?? both;
    const isSame = file !== null && (errors === null ? both !== null : errors === file);
    return {
      change: {
        output: file === null ? { kind: "prefixed", prefix: null } : { kind: "file", path: pathWord(file) },
        errors: isSame
          ? { kind: "joined" }
          : errors === null
            ? { kind: "inherited" }
            : { kind: "file", path: pathWord(errors) },
        settings: file !== null && errors === null && !isSame ? { "log-prefix": "" } : {},
      },
      outcomes: {
        ...outcomesOf(outputKeys, (key) => pathOutcome(key, values, out)),
        ...outcomesOf(errorKeys, (key) => pathOutcome(key, values, errors)),
        ...outcomesOf(bothKeys, (key) => pathOutcome(key, values, both)),
        combine_logs: needless("each copy writes to the same file anyway"),
        merge_logs: needless("each copy writes to the same file anyway"),
        disable_logs: values.outcome(
          "disable_logs",
          isOff ? became("run: exec >>/dev/null 2>>/dev/null") : needless("it is off"),
        ),
      },
    };
  },
);

/** A tilde is that of whoever runs it. */
function pathWord(path: string): readonly [string] | readonly [{ kind: "variable"; name: string }, string] {
  return path.startsWith("~/") ? [{ kind: "variable", name: "HOME" }, path.slice(1)] : [path];
}

function pathOutcome(key: PathKey, values: Values<PathKey, Tree>, path: string | null): Outcome {
  if (!values.has(key)) return key === "out_file" && path === null ? became("log-prefix") : needless("");
  return values.outcome(
    key,
    path === null ? needless("it is not a path") : became(`run: exec ${key.startsWith("err") ? "2" : ""}>>${path}`),
  );
}

/** Where its output goes. */
export const outputSubjects: readonly AppSubject[] = [output];

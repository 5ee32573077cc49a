import type { Outcome } from "../model.ts";
import { became, needless } from "../outcome.ts";
import type { Values } from "../subject.ts";
import { subject as subjectOf } from "../tree/subject.ts";
import { flag, text, type Tree } from "../tree/tree.ts";
import type { App, AppSubject } from "./context.ts";

const subject = subjectOf<App, string>;

const output = subject(
  [
    "out_file",
    "output",
    "out",
    "error_file",
    "error",
    "err",
    "log_file",
    "log",
    "combine_logs",
    "merge_logs",
    "disable_logs",
  ],
  (values, { directory }) => {
    const path = (...keys: readonly string[]): string | null => {
      const key = keys.find((each) => values.has(each));
      const stated = key === undefined ? null : values.read(key, text, null, "a path");
      const home = stated?.startsWith("~/") === true;
      return stated === null || stated.startsWith("/") || home ? stated : `${directory}/${stated.replace(/^\.\//, "")}`;
    };
    const isOff = values.read("disable_logs", flag, false, "true or false");
    const out = isOff ? "/dev/null" : path("out_file", "output", "out");
    const errors = isOff ? "/dev/null" : path("error_file", "error", "err");
    const both = path("log_file", "log");
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
        ...outcomesOf(["out_file", "output", "out"], values, out),
        ...outcomesOf(["error_file", "error", "err"], values, errors),
        ...outcomesOf(["log_file", "log"], values, both),
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

function outcomesOf(
  keys: readonly string[],
  values: Values<string, Tree>,
  path: string | null,
): Readonly<Record<string, Outcome>> {
  return Object.fromEntries(
    keys.map((key, at) => {
      if (!values.has(key))
        return [key, path === null && at === 0 && key === "out_file" ? became("log-prefix") : needless("")];
      return [
        key,
        values.outcome(
          key,
          path === null
            ? needless("it is not a path")
            : became(`run: exec ${key.startsWith("err") ? "2" : ""}>>${path}`),
        ),
      ];
    }),
  );
}

/** Where its output goes. */
export const outputSubjects: readonly AppSubject[] = [output];

import { split } from "shlex";

import type { Outcome, User } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { always, outcomesOf, type Values } from "../subject.ts";
import { pairs, text, texts, type Tree } from "../tree/tree.ts";
import { shellWord, shellWords } from "../words.ts";
import { type AppSubject, subject } from "./context.ts";

/** What pm2 runs a script with, by the end of its name. */
const interpreters: readonly (readonly [end: RegExp, program: string])[] = [
  [/\.(c|m)?js$/, "node"],
  [/\.tsx?$/, "bun"],
  [/\.sh$/, "bash"],
  [/\.py$/, "python3"],
  [/\.rb$/, "ruby"],
  [/\.pl$/, "perl"],
  [/\.php$/, "php"],
];

const argumentKeys = ["args", "node_args", "interpreter_args"] as const;

const command = subject(["script", "interpreter", "exec_interpreter", ...argumentKeys], (values) => {
  const script = values.read("script", text, "", "a text");
  const stated = values.read("interpreter", text, values.read("exec_interpreter", text, null, "a text"), "a text");
  const lists = argumentKeys.map((key) => values.read(key, wordsOf, [], "a text, or a list of texts"));
  const [args = [], ...options] = lists;
  const byName = interpreters.find(([end]) => end.test(script))?.[1] ?? null;
  const program = stated === null ? byName : stated === "none" ? null : stated;
  const start = program === null ? [] : [program, ...options.flat()];
  // Without an interpreter a file of the directory needs its path, and a program is found by PATH.
  const file = program === null && /^[^/]+\.\w+$/.test(script) ? `./${script}` : script;
  const words = script === "" ? [] : [...start, file, ...args].map((word) => [word]);
  const outcome = became(`run: exec ${shellWords(words)}`);
  const unused = (key: (typeof argumentKeys)[number]): Outcome =>
    program === null && key !== "args"
      ? needless("nothing interprets it")
      : values.has(key)
        ? outcome
        : needless("there are none");
  return {
    change: { command: { kind: "words", words } },
    outcomes: {
      script: values.outcome("script", outcome),
      interpreter: values.outcome(
        "interpreter",
        values.has("interpreter") || program !== null ? outcome : needless("nothing interprets it"),
      ),
      exec_interpreter: values.outcome("exec_interpreter", values.has("exec_interpreter") ? outcome : needless("")),
      ...outcomesOf(argumentKeys, (key) => values.outcome(key, unused(key))),
    },
  };
});

function wordsOf(tree: Tree): readonly string[] | null {
  try {
    return texts(tree) ?? split(text(tree) ?? "");
  } catch {
    return null;
  }
}

const userKeys = ["user", "username", "uid", "gid", "group"] as const;
type UserKey = (typeof userKeys)[number];

const surroundings = subject(["cwd", "env", ...userKeys], (values, { directory }) => {
  const stated = values.read("cwd", text, ".", "a path");
  const path = stated.startsWith("/") ? stated : `${directory}/${stated.replace(/^\.\/?/, "")}`.replace(/\/$/, "");
  const variables = values.read("env", pairs, [], "an object of texts and numbers");
  const environment = variables.map(([name, value]) => [name, [value ?? ""]] as const);
  const user = userOf(values);
  return {
    change: { directory: [path], environment, user },
    outcomes: {
      cwd: values.outcome("cwd", became(`run: cd ${shellWord([path])}`)),
      env: values.outcome(
        "env",
        environment.length === 0
          ? needless("it is empty")
          : became(`run: export ${environment.map(([name, [value]]) => `${name}=${value}`).join(" ")}`),
      ),
      ...outcomesOf(userKeys, (key) =>
        values.outcome(key, values.has(key) && user !== null ? became("run: chpst -u") : needless("as runsvdir")),
      ),
    },
  };
});

function userOf(values: Values<UserKey, Tree>): User | null {
  const read = (...keys: readonly UserKey[]): string | null => {
    const key = keys.find((each) => values.has(each));
    const name = key === undefined ? null : values.read(key, text, null, "a name or a number");
    if (key === undefined || name === null || /^[\w.-]+$/.test(name)) return name;
    values.refuse(key, "is not a name or a number");
    return null;
  };
  const name = read("uid", "user", "username");
  return name === null ? null : { name, group: read("gid", "group"), groups: [], ownGroups: true, login: false };
}

/** What is executed, where, and with what. */
export const runSubjects: readonly AppSubject[] = [
  command,
  surroundings,
  always(needless("svlogd and sv log put times in front of lines"), ["log_date_format", "time"]),
  always(lost("lines stay as the program writes them", "let the program write JSON"), ["log_type"]),
  always(needless("it says nothing to a supervisor"), [
    "version",
    "source_map_support",
    "vizion",
    "automation",
    "pmx",
    "instance_var",
    "filter_env",
    "pm_cwd",
    "description",
    "disable_source_map_support",
    "windowsHide",
    "force",
    "trace",
    "disable_trace",
    "post_update",
    "append_env_to_name",
    "autostart",
    "io",
  ]),
  always(lost("there are no namespaces of services", "name the services, or use a pattern: sv restart 'web-*'"), [
    "namespace",
  ]),
];

import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { always } from "../subject.ts";
import { variablesOf } from "../tree/variables.ts";
import { count, flag, text, texts } from "../tree/tree.ts";
import { shellWord, shellWords, type Word } from "../words.ts";
import { interpolate } from "../tree/interpolation.ts";
import { type ProcessSubject, subject } from "./context.ts";

const command = subject(["command", "entrypoint", "is_daemon", "description"], (values, { shell }) => {
  const line = values.read("command", text, null, "a text");
  const words = values.read("entrypoint", texts, null, "a list of texts");
  const isDaemon = values.read("is_daemon", flag, false, "true or false");
  // The file writes $$ for a $ of the shell.
  const forShell = (line ?? "").replaceAll("$$", "$");
  return {
    change: {
      command:
        line === null
          ? { kind: "words", words: (words ?? []).map((word) => [word]) }
          : { kind: "shell", line: forShell, shell },
      options: isDaemon ? ["-F"] : [],
    },
    outcomes: {
      command: values.outcome(
        "command",
        line === null ? needless("entrypoint is all") : became(`run: exec ${shell} -c ${shellWord([forShell])}`),
      ),
      entrypoint: values.outcome(
        "entrypoint",
        line !== null || words === null
          ? needless("command is all")
          : became(`run: exec ${shellWords(words.map((word) => [word]))}`),
      ),
      is_daemon: values.outcome(
        "is_daemon",
        isDaemon ? became("run: chpst -F, which needs CAP_SYS_ADMIN") : needless("it is off"),
      ),
      description: needless("it is for people"),
    },
  };
});

const surroundings = subject(["working_dir", "environment", "env_file"], (values, { directory }) => {
  const stated = values.read("working_dir", text, null, "a path");
  const word = stated === null ? null : interpolate(stated);
  if (stated !== null && word === null) values.refuse("working_dir", "has a $ that begins no variable");
  const { environment, outcome } = variablesOf(values, "environment");
  const path: Word = word === null ? [directory] : stated?.startsWith("/") === true ? word : [`${directory}/`, ...word];
  return {
    change: { directory: path, environment },
    outcomes: {
      working_dir: values.outcome("working_dir", became(`run: cd ${shellWord(path)}`)),
      environment: outcome,
      env_file: lost("it is not read", "write set -a; . FILE; set +a into run"),
    },
  };
});

const output = subject(["log_location", "disable_ansi_colors"], (values, { directory }) => {
  const stated = values.read("log_location", text, null, "a path");
  const path = stated === null ? null : stated.startsWith("/") ? stated : `${directory}/${stated.replace(/^\.\//, "")}`;
  return {
    change:
      path === null
        ? { output: { kind: "prefixed", prefix: null } }
        : { output: { kind: "file", path: [path] }, errors: { kind: "joined" } },
    outcomes: {
      log_location: values.outcome(
        "log_location",
        became(path === null ? "log-prefix" : `run: exec >>${shellWord([path])} 2>&1`),
      ),
      disable_ansi_colors: needless("set NO_COLOR for prefixes without colour"),
    },
  };
});

const replicas = subject(["replicas", "disabled"], (values) => {
  const copies = values.read("replicas", count, 1, "a whole number");
  const isDisabled = values.read("disabled", flag, false, "true or false");
  const outcome: Outcome = copies === 1 ? needless("there is one anyway") : became(`${copies} directories`);
  return {
    change: { down: isDisabled },
    outcomes: {
      replicas: values.outcome("replicas", values.has("replicas") ? outcome : needless("one it is")),
      disabled: values.outcome("disabled", isDisabled ? became("down") : needless("it is started")),
    },
  };
});

/** What is executed, where, and with what. */
export const runSubjects: readonly ProcessSubject[] = [
  command,
  surroundings,
  output,
  replicas,
  always(lost("it gets no terminal, and no more rights", "write script(1) or setuser in front of the command"), [
    "is_tty",
    "is_elevated",
    "is_interactive",
  ]),
  always(lost("there are no namespaces of services", "name the services, or use a pattern: sv restart 'web-*'"), [
    "namespace",
  ]),
  always(lost("nothing is put into templates", "write the values into run"), ["vars", "is_template_disabled"]),
  always(lost("it is started at once", "let cron start it: sv once NAME"), ["schedule", "scheduled_run"]),
  always(needless("who reads the output of runsvdir decides about it"), ["log_configuration"]),
  always(needless("it says nothing to a supervisor"), [
    "is_foreground",
    "is_dotenv_disabled",
    "extends",
    "launch_timeout_seconds",
  ]),
];

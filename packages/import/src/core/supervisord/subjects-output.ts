import type { Errors, Outcome, Output } from "../model.ts";
import { describeWord, shellWord, type Word } from "../words.ts";
import { became, lost, needless } from "../outcome.ts";
import { type Setting, type Subject, subject, type Values } from "./program.ts";
import { wordOf } from "./template.ts";
import { whole } from "../values.ts";
import { boolean, bytes } from "./values.ts";

const trueOrFalse = "true or false";
const size = "a number of bytes, as in 50MB";

/** Where one of the two outputs goes: to supervisord's own output, nowhere, to a file, or where it chooses. */
type Target =
  | { readonly kind: "own" }
  | { readonly kind: "none" }
  | { readonly kind: "automatic" }
  | { readonly kind: "syslog" }
  | { readonly kind: "file"; readonly path: Word };

const outputKeys = [
  "stdout_logfile",
  "stdout_logfile_maxbytes",
  "stdout_logfile_backups",
  "stdout_syslog",
  "stdout_events_enabled",
] as const;
const errorKeys = [
  "redirect_stderr",
  "stderr_logfile",
  "stderr_logfile_maxbytes",
  "stderr_logfile_backups",
  "stderr_syslog",
  "stderr_events_enabled",
] as const;
type OutputKey = (typeof outputKeys)[number];
type ErrorKey = (typeof errorKeys)[number];

/** Both outputs together: they may go to one log. */
const outputs = subject<OutputKey | ErrorKey>([...outputKeys, ...errorKeys], (values, { name }, setting) => {
  const output = standardOutput(values, name, setting);
  const errors = standardError(values, output.output);
  return {
    change: { output: output.output, errors: errors.errors },
    outcomes: { ...output.outcomes, ...errors.outcomes },
  };
});

function standardOutput(
  values: Values<OutputKey | ErrorKey>,
  name: string,
  { logDirectory }: Setting,
): { readonly output: Output; readonly outcomes: Readonly<Record<OutputKey, Outcome>> } {
  const target = targetOf(values, "stdout_logfile", values.read("stdout_syslog", boolean, false, trueOrFalse));
  const most = values.read("stdout_logfile_maxbytes", bytes, 50 * 1024 ** 2, size);
  const backups = values.read("stdout_logfile_backups", whole, 10, "a whole number");
  const events = values.read("stdout_events_enabled", boolean, false, trueOrFalse);
  const prefixed = events && (target.kind === "own" || target.kind === "none" || target.kind === "automatic");
  const output = prefixed
    ? ({ kind: "prefixed", prefix: null } as const)
    : outputTo(target, most, backups, `${logDirectory}/${name}`, name);
  const rotated = output.kind === "log";
  return {
    output,
    outcomes: {
      stdout_logfile: values.outcome("stdout_logfile", outcomeOf(output)),
      stdout_logfile_maxbytes: values.outcome(
        "stdout_logfile_maxbytes",
        sizeOutcome(rotated, `log/run: s${most} in config`, target, most),
      ),
      stdout_logfile_backups: values.outcome("stdout_logfile_backups", backupsOutcome(output, backups)),
      stdout_syslog: values.outcome(
        "stdout_syslog",
        target.kind === "syslog" ? became("log/run: logger") : needless("it is off"),
      ),
      stdout_events_enabled: values.outcome("stdout_events_enabled", eventsOutcome(events, prefixed)),
    },
  };
}

function standardError(
  values: Values<OutputKey | ErrorKey>,
  output: Output,
): { readonly errors: Errors; readonly outcomes: Readonly<Record<ErrorKey, Outcome>> } {
  const redirected = values.read("redirect_stderr", boolean, false, trueOrFalse);
  const target = targetOf(values, "stderr_logfile", values.read("stderr_syslog", boolean, false, trueOrFalse));
  const most = values.read("stderr_logfile_maxbytes", bytes, 50 * 1024 ** 2, size);
  values.read("stderr_logfile_backups", whole, 10, "a whole number");
  const events = values.read("stderr_events_enabled", boolean, false, trueOrFalse);
  const errors = redirected ? ({ kind: "joined" } as const) : errorsTo(target, output);
  const unrotated = errors.kind === "file" && most > 0 && target.kind === "file";
  return {
    errors,
    outcomes: {
      redirect_stderr: values.outcome("redirect_stderr", redirected ? became("run: exec 2>&1") : needless("it is off")),
      stderr_logfile: values.outcome(
        "stderr_logfile",
        redirected ? needless("standard error goes with standard output") : outcomeOfErrors(errors, output),
      ),
      stderr_logfile_maxbytes: values.outcome(
        "stderr_logfile_maxbytes",
        unrotated
          ? lost(
              `${errors.kind === "file" ? describeWord(errors.path) : ""} is not rotated`,
              "let standard error go with standard output, as redirect_stderr=true does, or rotate the file with logrotate",
            )
          : needless("nothing is rotated"),
      ),
      stderr_logfile_backups: values.outcome("stderr_logfile_backups", needless("nothing is rotated")),
      stderr_syslog: values.outcome(
        "stderr_syslog",
        target.kind === "syslog" && output.kind !== "syslog"
          ? lost(
              "standard error alone cannot go to syslog",
              "set stdout_syslog as well, or send it through logger in run",
            )
          : needless(target.kind === "syslog" ? "standard error goes with standard output" : "it is off"),
      ),
      stderr_events_enabled: values.outcome("stderr_events_enabled", eventsOutcome(events, output.kind === "prefixed")),
    },
  };
}

function targetOf(
  values: Values<OutputKey | ErrorKey>,
  key: "stdout_logfile" | "stderr_logfile",
  syslog: boolean,
): Target {
  const template = values.template(key);
  const word: Word = template === null ? ["auto"] : wordOf(template.text, template);
  const [only] = word;
  const text = word.length === 1 && typeof only === "string" ? only : null;
  const lower = text?.toLowerCase();
  if (syslog || lower === "syslog") return { kind: "syslog" };
  if (lower === "auto") return { kind: "automatic" };
  if (lower === "none" || lower === "off") return { kind: "none" };
  if (text !== null && /^\/(dev\/(stdout|stderr|fd\/[12])|proc\/self\/fd\/[12])$/.test(text)) return { kind: "own" };
  return { kind: "file", path: word };
}

function outputTo(target: Target, most: number, backups: number, automatic: string, name: string): Output {
  switch (target.kind) {
    case "own":
      return { kind: "inherited" };
    case "none":
      return { kind: "file", path: ["/dev/null"] };
    case "syslog":
      return { kind: "syslog", tag: name };
    case "automatic":
      return { kind: "log", directory: [automatic], bytes: most, backups: Math.max(1, backups) };
    case "file": {
      if (most === 0) return target;
      return { kind: "log", directory: directoryFor(target.path), bytes: most, backups: Math.max(1, backups) };
    }
  }
}

/** The log directory in the place of a log file: its path without `.log`. */
function directoryFor(path: Word): Word {
  const last = path.at(-1);
  if (typeof last === "string" && last.endsWith(".log") && !last.endsWith("/.log"))
    return [...path.slice(0, -1), last.slice(0, -4)];
  return [...path, ".d"];
}

function errorsTo(target: Target, output: Output): Errors {
  switch (target.kind) {
    case "own":
      return { kind: "inherited" };
    case "none":
      return { kind: "file", path: ["/dev/null"] };
    case "syslog":
      return output.kind === "syslog" ? { kind: "joined" } : { kind: "inherited" };
    // supervisord would make a file that goes with the next start. A person wants it in the log.
    case "automatic":
      return output.kind === "log" || output.kind === "syslog" ? { kind: "joined" } : { kind: "inherited" };
    case "file":
      return sameFile(target.path, output) ? { kind: "joined" } : target;
  }
}

function sameFile(path: Word, output: Output): boolean {
  if (output.kind === "file") return describeWord(path) === describeWord(output.path);
  return output.kind === "log" && describeWord(directoryFor(path)) === describeWord(output.directory);
}

function outcomeOf(output: Output): Outcome {
  switch (output.kind) {
    case "inherited":
      return needless("output goes to the standard output of runsv anyway");
    case "prefixed":
      return became("log-prefix");
    case "file":
      return became(`run: exec >>${shellWord(output.path)}`);
    case "log":
      return became(`log/run: svlogd -tt ${shellWord(output.directory)}`);
    case "syslog":
      return became("log/run: logger");
  }
}

function outcomeOfErrors(errors: Errors, output: Output): Outcome {
  switch (errors.kind) {
    case "joined":
      return became("run: exec 2>&1");
    case "file":
      return became(`run: exec 2>>${shellWord(errors.path)}`);
    case "inherited":
      return needless(
        output.kind === "prefixed" ? "the prefix is for both outputs" : "standard error stays that of runsv",
      );
  }
}

function sizeOutcome(rotated: boolean, text: string, target: Target, most: number): Outcome {
  if (rotated) return became(text);
  return needless(
    target.kind === "file" && most === 0 ? "0 is no rotation, and run appends to the file" : "nothing is rotated",
  );
}

function backupsOutcome(output: Output, backups: number): Outcome {
  if (output.kind !== "log") return needless("nothing is rotated");
  if (backups === 0) return lost("svlogd keeps one old log at least", "take n1 in config for it; n0 would keep all");
  return became(`log/run: n${backups} in config`);
}

function eventsOutcome(events: boolean, prefixed: boolean): Outcome {
  if (!events) return needless("it is off");
  if (prefixed) return became("log-prefix");
  return lost("no event tells of a line", "read the log, or let log/run be the program that looks at each line");
}

const capture = subject(["stdout_capture_maxbytes", "stderr_capture_maxbytes"], (values) => {
  const outcomeFor = (key: "stdout_capture_maxbytes" | "stderr_capture_maxbytes"): Outcome =>
    values.outcome(
      key,
      values.read(key, bytes, 0, size) === 0
        ? needless("it is off")
        : lost("nothing looks for communication events in the output", "let log/run look for what the program tells"),
    );
  return {
    change: {},
    outcomes: {
      stdout_capture_maxbytes: outcomeFor("stdout_capture_maxbytes"),
      stderr_capture_maxbytes: outcomeFor("stderr_capture_maxbytes"),
    },
  };
});

const serverurl = subject(["serverurl"], () => ({
  change: {},
  outcomes: { serverurl: lost("there is no server to call", "let the program use sv, which goes by files") },
}));

/** What becomes of the output of a program. */
export const outputSubjects: readonly Subject[] = [outputs, capture, serverurl];

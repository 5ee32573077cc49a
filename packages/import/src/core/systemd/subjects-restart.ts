import { type SignalName, signals } from "@upkeep/linux/core/signals";

import type { Outcome, Script } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { signal, whole } from "../values.ts";
import { scriptLines } from "./command-line.ts";
import { commandsOf, subject, type UnitSubject } from "./subject.ts";
import { timespan } from "./values.ts";

const keys = [
  "Restart",
  "RestartSec",
  "RestartSteps",
  "RestartMaxDelaySec",
  "RestartMode",
  "SuccessExitStatus",
  "RestartPreventExitStatus",
  "RestartForceExitStatus",
  "StartLimitIntervalSec",
  "StartLimitInterval",
  "StartLimitBurst",
  "StartLimitAction",
  "ExecStopPost",
] as const;

/** Signals that systemd takes for a success, of a service that is not a job. */
const cleanSignals = ["HUP", "INT", "TERM", "PIPE"];

/** What `restart` and `finish` get. An end with -1 was by a signal. */
const policies: Readonly<Record<string, { readonly restart: string | null; readonly line: string | null }>> = {
  no: { restart: "never", line: null },
  always: { restart: null, line: null },
  "on-failure": { restart: "on-failure", line: null },
  "on-success": { restart: "always", line: `[ "$1" = 0 ] || exit 125` },
  "on-abnormal": { restart: "on-failure", line: `[ "$1" = -1 ] || exit 125` },
  "on-abort": { restart: "on-failure", line: `[ "$1" = -1 ] || exit 125` },
  "on-watchdog": { restart: "never", line: null },
};

const span = "a time span";

const restarting = subject(keys, (values, unit, { user }) => {
  const policy = policies[unit.restart];
  if (policy === undefined) values.refuse("Restart", `is not one of ${Object.keys(policies).join(", ")}`);
  const { restart = "never", line = null } = policy ?? {};
  const again = restart !== "never";
  const delay = values.read("RestartSec", timespan, 100, span);
  const interval = values.read(
    "StartLimitIntervalSec",
    timespan,
    values.read("StartLimitInterval", timespan, 10_000, span),
    span,
  );
  const burst = values.read("StartLimitBurst", whole, 5, "a whole number");
  const isOff = burst === 0 || interval === 0;
  const isLimited = again && !isOff && (burst - 1) * delay < interval;
  const limit = isLimited
    ? `${burst - 1} ${interval === Number.POSITIVE_INFINITY ? 9007199254740 : interval / 1000}`
    : null;
  const stated = values.lines("SuccessExitStatus").map(({ value }) => endsOf(value));
  const ends = stated.flatMap((list) => list ?? []);
  const ok = restart === "on-failure" && unit.type !== "oneshot" ? [...cleanSignals, ...ends] : ends;
  const post = commandsOf(values, "ExecStopPost", unit, (commands) =>
    became(`finish: ${commands.flatMap((command) => scriptLines(command, user, "")).join("; ")}`),
  );
  const prevent = values.lines("RestartPreventExitStatus").map(({ value }) => endsOf(value));
  const finish = [
    ...post.items.flatMap((command) => scriptLines(command, user, "")),
    ...(again ? prevent.flatMap((list) => (list === null ? [] : [preventing(list)])) : []),
    ...(line === null ? [] : [line]),
  ];
  const needsFile = restart === null && prevent.length > 0;
  const script: Script = { lines: [...finish, "exit 0"], inherits: post.items.length > 0 };
  return {
    change: {
      settings: {
        ...(restart === null && !needsFile ? {} : { restart: restart ?? "always" }),
        ...(ok.length === 0 || restart === null ? {} : { "exit-ok": ["0", ...new Set(ok)].join(" ") }),
        ...(again ? { "restart-delay": String(Math.min(delay, Number.MAX_SAFE_INTEGER)) } : {}),
        ...(limit === null ? {} : { "restart-limit": limit }),
      },
      scripts: finish.length === 0 ? {} : { finish: script },
    },
    outcomes: {
      Restart: values.outcome("Restart", restartOutcome(restart, line)),
      RestartSec: values.outcome("RestartSec", again ? became(`restart-delay: ${delay}`) : never),
      RestartSteps: lost("the pause does not grow", "write MIN MAX FACTOR into restart-delay"),
      RestartMaxDelaySec: lost("the pause does not grow", "write MIN MAX FACTOR into restart-delay"),
      RestartMode: needless("nothing else depends on the time between two starts"),
      SuccessExitStatus: stated.map((list) => endsOutcome(list, "exit-ok", restart !== null)),
      RestartPreventExitStatus: prevent.map((list) => endsOutcome(list, "finish: exit 125", again)),
      RestartForceExitStatus: lost("these ends count like any others", "write always into restart"),
      StartLimitIntervalSec: values.outcome("StartLimitIntervalSec", limitOutcome(again, isOff, limit)),
      StartLimitInterval: values.outcome(
        "StartLimitInterval",
        values.has("StartLimitInterval") ? limitOutcome(again, isOff, limit) : never,
      ),
      StartLimitBurst: values.outcome("StartLimitBurst", limitOutcome(again, isOff, limit)),
      StartLimitAction: lost("nothing happens beside the service", "write flag-critical, which stops everything"),
      ExecStopPost: post.outcomes,
    },
  };
});

const never = needless("it is not started again");

function restartOutcome(restart: string | null, line: string | null): Outcome {
  if (restart === null) return needless("so it is without a file");
  return became(`restart: ${restart}${line === null ? "" : `, and finish: ${line}`}`);
}

function limitOutcome(again: boolean, isOff: boolean, limit: string | null): Outcome {
  if (!again) return never;
  if (isOff) return needless("there is no limit without the file");
  return limit === null ? needless("with this RestartSec it is never reached") : became(`restart-limit: ${limit}`);
}

function endsOutcome(list: readonly string[] | null, file: string, counts: boolean): Outcome {
  if (list === null) return { kind: "bad", problem: "has a name that is not known here: write its number" };
  return counts ? became(`${file} ${list.join(" ")}`) : needless("it makes no difference to restart");
}

/** Exit codes as numbers, signals without SIG; null where there is a name of an exit code. */
function endsOf(value: string): readonly string[] | null {
  const ends = value.split(/\s+/).map((end) => (/^\d{1,3}$/.test(end) && Number(end) < 256 ? end : signal(end)));
  return ends.every((end) => end !== null) ? ends.filter((end) => end !== null) : null;
}

/** The first argument of finish is the code, -1 after a signal, which is the second one. */
function preventing(ends: readonly string[]): string {
  const patterns = ends.map((end) => (/^\d+$/.test(end) ? `"${end} "*` : `"-1 ${signals[`SIG${end}` as SignalName]}"`));
  return `case "$1 $2" in ${patterns.join(" | ")}) exit 125 ;; esac`;
}

/** Whether it is started again, and what runs at its end. */
export const restartSubjects: readonly UnitSubject[] = [restarting];

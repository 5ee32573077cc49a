import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { always, outcomesOf, type Values } from "../subject.ts";
import { text, type Tree } from "../tree/tree.ts";
import { shellWord } from "../words.ts";
import { type ProcessSubject, subject } from "./context.ts";

const probeKeys = [
  "exec.command",
  "exec.working_dir",
  "http_get.host",
  "http_get.scheme",
  "http_get.path",
  "http_get.port",
  "http_get.num_port",
  "http_get.status_code",
  "http_get.headers",
  "initial_delay_seconds",
  "period_seconds",
  "timeout_seconds",
  "success_threshold",
  "failure_threshold",
] as const;
const readinessKeys = probeKeys.map((key) => `readiness_probe.${key}` as const);
const livenessKeys = probeKeys.map((key) => `liveness_probe.${key}`);

const readiness = subject(readinessKeys, (values, { shell }) => {
  const read = (key: (typeof probeKeys)[number], byDefault: string): string =>
    values.read(`readiness_probe.${key}`, text, byDefault, "a text");
  const command = values.has("readiness_probe.exec.command") ? read("exec.command", "") : null;
  const seconds = read("timeout_seconds", "1");
  const isHttp = readinessKeys.some((key) => key.includes("http_get") && values.has(key));
  const port = read("http_get.num_port", read("http_get.port", "80"));
  const url = `${read("http_get.scheme", "http")}://${read("http_get.host", "127.0.0.1")}:${port}${read("http_get.path", "/")}`;
  const line =
    command !== null
      ? `exec ${shell} -c ${shellWord([command.replaceAll("$$", "$")])}`
      : isHttp
        ? `exec curl -fsS -m ${shellWord([seconds])} -o /dev/null ${shellWord([url])}`
        : null;
  const directory = read("exec.working_dir", "");
  const lines = line === null ? [] : [...(directory === "" ? [] : [`cd ${shellWord([directory])} || exit 111`]), line];
  const asked: Outcome = became(`check: ${line ?? ""}`);
  const outcomeOf = (key: string): Outcome => {
    if (key.endsWith("status_code") || key.endsWith("headers"))
      return lost("check takes any answer below 400", "write it into check, for curl");
    if (/(delay|period|success_threshold)/.test(key))
      return needless("runsv asks until it succeeds, at least once a second");
    if (key.endsWith("failure_threshold"))
      return lost("it may take as long as it likes to be ready", "runsv warns after 30 s; let run end itself");
    if (key.endsWith("timeout_seconds")) return isHttp ? asked : needless("runsv kills a check after 10 s");
    return asked;
  };
  return {
    change: lines.length === 0 ? {} : { scripts: { check: { lines, inherits: true } } },
    outcomes: outcomesOf(readinessKeys, (key) =>
      values.has(key) ? values.outcome(key, outcomeOf(key)) : needless("it is not stated"),
    ),
  };
});

/** Whether a probe makes it ready. */
export function hasReadiness(values: Values<string, Tree>): boolean {
  return readinessKeys.some((key) => values.has(key));
}

/** What asks whether it is ready, or lives. */
export const probeSubjects: readonly ProcessSubject[] = [
  readiness,
  always(lost("nobody asks again once it is ready", "let a service of its own ask, and call sv restart"), livenessKeys),
  always(lost("no line of the output tells that it is ready", "write notification-fd, or a script check"), [
    "ready_log_line",
  ]),
];

import type { Script } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { count, fieldOf, flag, text, type Tree } from "../tree/tree.ts";
import { shellWord } from "../words.ts";
import { signal } from "../values.ts";
import { endConditions, type ProcessSubject, subject } from "./context.ts";
import { hasReadiness } from "./subjects-probes.ts";

/** More seconds than anybody waits: a limit that never ends. */
const forever = 9007199254740;

const policies: Readonly<Record<string, { readonly restart: string | null; readonly critical: boolean }>> = {
  no: { restart: "never", critical: false },
  false: { restart: "never", critical: false },
  always: { restart: null, critical: false },
  on_failure: { restart: "on-failure", critical: false },
  exit_on_failure: { restart: "never", critical: true },
};

const availability = subject(
  [
    "availability.restart",
    "availability.backoff_seconds",
    "availability.max_restarts",
    "availability.exit_on_end",
    "availability.exit_on_skipped",
  ],
  (values, { awaited }) => {
    const name = values.read("availability.restart", text, "no", "a text");
    const policy = policies[name];
    if (policy === undefined)
      values.refuse("availability.restart", `is not one of ${Object.keys(policies).join(", ")}`);
    const { restart = "never", critical = false } = policy ?? {};
    const pause = values.read("availability.backoff_seconds", count, 1, "a whole number");
    const most = values.read("availability.max_restarts", count, 0, "a whole number");
    const ends = values.read("availability.exit_on_end", flag, false, "true or false");
    const again = restart !== "never";
    // Others would wait for the end of what is not always started again.
    const isAwaited = [...awaited].some((condition) => !endConditions.includes(condition));
    const ready = restart !== null && isAwaited && !hasReadiness(values);
    const never = needless("it is not started again");
    return {
      change: {
        settings: {
          ...(restart === null ? {} : { restart }),
          ...(ready ? { "ready-after": "0" } : {}),
          ...(again && pause !== 1 ? { "restart-delay": String(pause * 1000) } : {}),
          ...(again && most > 0 ? { "restart-limit": `${most} ${forever}` } : {}),
          ...(ends ? { "flag-critical": "any-exit" } : critical ? { "flag-critical": "" } : {}),
        },
      },
      outcomes: {
        "availability.restart": values.outcome(
          "availability.restart",
          restart === null
            ? needless("so it is without a file")
            : became(`restart: ${restart}${critical ? ", flag-critical" : ""}${ready ? ", ready-after: 0" : ""}`),
        ),
        "availability.backoff_seconds": values.outcome(
          "availability.backoff_seconds",
          again ? (pause === 1 ? needless("a second it is") : became(`restart-delay: ${pause * 1000}`)) : never,
        ),
        "availability.max_restarts": values.outcome(
          "availability.max_restarts",
          again && most > 0
            ? became(`restart-limit: ${most} ${forever}`)
            : again
              ? needless("there is no limit")
              : never,
        ),
        "availability.exit_on_end": values.outcome(
          "availability.exit_on_end",
          ends ? became("flag-critical: any-exit") : needless("it is off"),
        ),
        "availability.exit_on_skipped": lost("nothing is skipped: it waits", "look at sv graph"),
      },
    };
  },
);

const shutdown = subject(
  ["shutdown.command", "shutdown.timeout_seconds", "shutdown.signal", "shutdown.parent_only"],
  (values, { shell }) => {
    const command = values.read("shutdown.command", text, null, "a text");
    const wait = values.read("shutdown.timeout_seconds", count, 10, "a whole number");
    const name = values.read("shutdown.signal", (tree) => signal(text(tree) ?? ""), "15", "a signal");
    const alone = values.read("shutdown.parent_only", flag, false, "true or false");
    const isTerm = name === "15" || name === "TERM";
    const line = command === null ? "" : `${shell} -c ${shellWord([command.replaceAll("$$", "$")])}`;
    const stop: Script = { lines: [line], inherits: true };
    return {
      change: {
        settings: { ...(isTerm ? {} : { "down-signal": name }), "timeout-kill": String(wait * 1000) },
        stopGroup: !alone && command === null,
        scripts: command === null ? {} : { "control/t": stop },
      },
      outcomes: {
        "shutdown.command": values.outcome(
          "shutdown.command",
          command === null ? needless("a signal stops it") : became(`control/t: ${line}`),
        ),
        "shutdown.timeout_seconds": values.outcome("shutdown.timeout_seconds", became(`timeout-kill: ${wait * 1000}`)),
        "shutdown.signal": values.outcome(
          "shutdown.signal",
          isTerm ? needless("TERM it is anyway") : became(`down-signal: ${name}`),
        ),
        "shutdown.parent_only": values.outcome(
          "shutdown.parent_only",
          command !== null
            ? needless("the command stops it")
            : alone
              ? needless("so it is without control/t")
              : became("control/t, for the whole group"),
        ),
      },
    };
  },
);

/** What a dependency becomes, for each process that is named. */
const dependencies = subject(["depends_on"], (values, { others, awaitedEnds }) => {
  const tree = values.last("depends_on");
  const wanted = tree?.kind === "map" ? tree.entries : [];
  if (tree !== null && tree.kind !== "map") values.refuse("depends_on", "is not a mapping");
  const unknown = wanted.filter(({ key }) => !others.has(key));
  const early = wanted.filter(({ key, value }) => awaitedEnds.has(key) && !endConditions.includes(conditionOf(value)));
  const failing = wanted.filter(({ value }) => conditionOf(value) === "process_completed");
  const logged = wanted.filter(({ value }) => conditionOf(value) === "process_log_ready");
  const names = wanted.flatMap(({ key }) => others.get(key) ?? []);
  const list = (fields: typeof wanted): string => fields.map(({ key }) => key).join(", ");
  const losses = [
    {
      fields: unknown,
      means: "it does not wait for NAMES, which the file does not have",
      instead: "name one that it has",
    },
    { fields: early, means: "it waits until NAMES has ended, as others do", instead: "write a script check there" },
    {
      fields: logged,
      means: "it waits until NAMES runs, and for no line",
      instead: "write notification-fd or a check there",
    },
    { fields: failing, means: "it waits for ever if NAMES fails", instead: "let run of that service exit 0" },
  ].filter(({ fields }) => fields.length > 0);
  const outcome =
    losses.length === 0
      ? became(names.map((name) => `dependencies.d/${name}`).join(" "))
      : lost(
          losses.map(({ fields, means }) => means.replace("NAMES", list(fields))).join("; "),
          losses.map(({ instead }) => instead).join("; "),
        );
  return {
    change: { dependencies: names },
    outcomes: { depends_on: values.outcome("depends_on", tree === null ? needless("") : outcome) },
  };
});

/** The condition of a dependency. */
export function conditionOf(tree: Tree): string {
  const condition = fieldOf(tree, "condition");
  return condition === null ? "process_started" : (text(condition) ?? "process_started");
}

/** How long it lives, and who waits for it. */
export const lifeSubjects: readonly ProcessSubject[] = [availability, shutdown, dependencies];

import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { outcomesOf } from "../subject.ts";
import { flag, fieldOf, oneOrMore, text, texts, type Tree } from "../tree/tree.ts";
import { signal } from "../values.ts";
import { shellWord, shellWords } from "../words.ts";
import { type ComposeSubject, subject } from "./context.ts";
import { wordsOf } from "./subjects-run.ts";

/** In ms: docker sends KILL ten seconds after the stop signal. */
const defaultGrace = 10_000;

const restarting = subject(["restart", "profiles"], (values, { isAwaited }) => {
  const policy = values.read(
    "restart",
    readRestart,
    { restart: "never", most: null },
    "no, always, unless-stopped or on-failure",
  );
  const { restart, most } = policy;
  const ready = restart !== null && isAwaited;
  const profiles = values.read("profiles", texts, [], "a list of names");
  return {
    change: {
      settings: {
        ...(restart === null ? {} : { restart }),
        ...(ready ? { "ready-after": "0" } : {}),
        ...(most === null ? {} : { "restart-limit": `${most} 9007199254740` }),
      },
      down: profiles.length > 0,
    },
    outcomes: {
      restart: values.outcome(
        "restart",
        restart === null
          ? needless("so it is without a file")
          : became(
              `restart: ${restart}${ready ? ", ready-after: 0" : ""}${most === null ? "" : `, restart-limit: ${most} 9007199254740`}`,
            ),
      ),
      profiles: values.outcome(
        "profiles",
        profiles.length > 0 ? became("down: it is in a profile") : needless("it is in none"),
      ),
    },
  };
});

function readRestart(tree: Tree): { readonly restart: string | null; readonly most: string | null } | null {
  if (flag(tree) === false) return { restart: "never", most: null };
  const [, name, most = null] = /^(no|always|unless-stopped|on-failure)(?::(\d{1,9}))?$/.exec(text(tree) ?? "") ?? [];
  switch (name) {
    case "no":
      return { restart: "never", most: null };
    case "on-failure":
      return { restart: "on-failure", most };
    case undefined:
      return null;
    default:
      return { restart: null, most: null };
  }
}

const stopping = subject(["stop_signal", "stop_grace_period", "init"], (values) => {
  const name = values.read("stop_signal", (tree) => signal(text(tree) ?? ""), "TERM", "a signal");
  const grace = values.read("stop_grace_period", duration, defaultGrace, "a time, as in 1m30s");
  return {
    change: { settings: { ...(name === "TERM" ? {} : { "down-signal": name }), "timeout-kill": String(grace) } },
    outcomes: {
      stop_signal: values.outcome(
        "stop_signal",
        name === "TERM" ? needless("TERM it is anyway") : became(`down-signal: ${name}`),
      ),
      stop_grace_period: values.outcome("stop_grace_period", became(`timeout-kill: ${grace}`)),
      init: needless("runsvdir, or who is process 1, reaps"),
    },
  };
});

/** Milliseconds of `1h2m3s4ms`. */
function duration(tree: Tree): number | null {
  const [whole, hours = "0", minutes = "0", seconds = "0", milliseconds = "0"] =
    /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/.exec(text(tree) ?? "") ?? [];
  const sum = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(milliseconds);
  return whole === undefined || whole === "" || !Number.isSafeInteger(Math.round(sum)) ? null : Math.round(sum);
}

const timing = ["interval", "timeout", "retries", "start_period", "start_interval"].map(
  (key) => `healthcheck.${key}` as const,
);

const health = subject(["healthcheck.test", "healthcheck.disable", ...timing], (values) => {
  const isOff = values.read("healthcheck.disable", flag, false, "true or false");
  const stated = values.read("healthcheck.test", testOf, null, "a list with NONE, CMD or CMD-SHELL, or a command");
  const line = isOff ? null : stated;
  return {
    change: line === null ? {} : { scripts: { check: { lines: [`exec ${line}`], inherits: true } } },
    outcomes: {
      "healthcheck.test": values.outcome(
        "healthcheck.test",
        line === null ? needless("it is off") : became(`check: exec ${line}`),
      ),
      "healthcheck.disable": values.outcome(
        "healthcheck.disable",
        needless(isOff ? "no check is written" : "it is on"),
      ),
      ...outcomesOf(timing, () => needless("runsv asks until it succeeds, and not again")),
    },
  };
});

function testOf(tree: Tree): string | null {
  const line = text(tree);
  if (line !== null) return `sh -c ${shellWord([line.replaceAll("$$", "$")])}`;
  if (tree.kind !== "list") return null;
  const kind = text(tree.items[0] ?? tree);
  const rest = { ...tree, items: tree.items.slice(1) };
  if (kind === "NONE") return "true";
  const words = kind === "CMD" ? wordsOf(rest) : null;
  if (words !== null && words.length > 0) return shellWords(words);
  const shell = kind === "CMD-SHELL" ? texts(rest)?.[0] : undefined;
  return shell === undefined ? null : `sh -c ${shellWord([shell.replaceAll("$$", "$")])}`;
}

const dependencies = subject(["depends_on", "links"], (values, { others, awaitedEnds }) => {
  const tree = values.last("depends_on");
  const wanted = tree === null ? [] : waitsOf(tree);
  const here = wanted.filter(({ name }) => others.has(name));
  const gone = wanted.filter(({ name }) => !others.has(name)).map(({ name }) => name);
  const early = here.filter(({ name, ends }) => awaitedEnds.has(name) && !ends).map(({ name }) => name);
  if (tree !== null && tree.kind === "scalar") values.refuse("depends_on", "is not a list, or a mapping");
  const outcome: Outcome =
    gone.length > 0
      ? lost(`it does not wait for ${gone.join(", ")}, which is not imported`, "let run wait until it answers")
      : early.length > 0
        ? lost(
            `it waits until ${early.join(", ")} has ended, as others do`,
            "write a script check, or ready-after, there",
          )
        : here.length > 0
          ? became(here.map(({ name }) => `dependencies.d/${name}`).join(" "))
          : needless("it waits for nothing");
  return {
    change: { dependencies: here.map(({ name }) => name) },
    outcomes: {
      depends_on: values.outcome("depends_on", outcome),
      links: lost("no name leads to another service", "all run on this machine: use localhost"),
    },
  };
});

/** What a service waits for, and whether until it ends. */
export function waitsOf(tree: Tree): readonly { readonly name: string; readonly ends: boolean }[] {
  if (tree.kind !== "map") return (oneOrMore(tree) ?? []).map((name) => ({ name, ends: false }));
  return tree.entries.map(({ key, value }) => ({
    name: key,
    ends: text(fieldOf(value, "condition") ?? value) === "service_completed_successfully",
  }));
}

/** How long it lives, and who waits for it. */
export const lifeSubjects: readonly ComposeSubject[] = [restarting, stopping, health, dependencies];

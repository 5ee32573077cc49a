import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { always } from "../subject.ts";
import { count, flag, text, texts, type Tree } from "../tree/tree.ts";
import { type AppSubject, subject } from "./context.ts";

/** pm2 gives up after so many starts that end too soon. */
const defaultRestarts = 16;
/** In ms: pm2 takes no shorter start for one that works. */
const defaultUptime = 1000;
/** In ms: the longest pause of pm2, and by how much it grows. */
const longestPause = 15_000;
const growth = 1.5;
/** In ms: between INT and KILL. */
const defaultTimeout = 1600;

const restarting = subject(
  ["autorestart", "max_restarts", "min_uptime", "restart_delay", "exp_backoff_restart_delay", "stop_exit_codes"],
  (values) => {
    const again = values.read("autorestart", flag, true, "true or false");
    const most = values.read("max_restarts", count, defaultRestarts, "a whole number");
    const uptime = values.read("min_uptime", milliseconds, defaultUptime, "a time in ms, or as in 10s");
    const pause = values.read("restart_delay", count, 0, "a time in ms");
    const growing = values.read("exp_backoff_restart_delay", count, 0, "a time in ms");
    const codes = values.read("stop_exit_codes", codesOf, [], "a list of exit codes");
    // A start too short, and the pause behind it: a second at least, as runsv has it.
    const seconds = Math.ceil((most * (uptime + Math.max(pause, 1000))) / 1000);
    const limit = again && most > 0 && growing === 0 ? `${most - 1} ${seconds}` : null;
    const delay = growing > 0 ? `${growing} ${longestPause} ${growth}` : pause > 0 ? String(pause) : null;
    const never = needless("it is not started again");
    const stops = again && codes.length > 0;
    const line = `case $1 in ${codes.join(" | ")}) exit 125 ;; esac`;
    return {
      change: {
        settings: {
          ...(again ? (stops ? { restart: "always" } : {}) : { restart: "never", "ready-after": "0" }),
          ...(again && delay !== null ? { "restart-delay": delay } : {}),
          ...(limit === null ? {} : { "restart-limit": limit }),
        },
        scripts: stops ? { finish: { lines: [line], inherits: false } } : {},
      },
      outcomes: {
        autorestart: values.outcome(
          "autorestart",
          again ? needless("so it is without a file") : became("restart: never, ready-after: 0"),
        ),
        max_restarts: values.outcome("max_restarts", limitOutcome(again, limit)),
        min_uptime: values.outcome("min_uptime", limitOutcome(again, limit)),
        restart_delay: values.outcome(
          "restart_delay",
          again && pause > 0
            ? became(`restart-delay: ${delay ?? ""}`)
            : again
              ? needless("a second it is, after a short start")
              : never,
        ),
        exp_backoff_restart_delay: values.outcome(
          "exp_backoff_restart_delay",
          again && growing > 0 ? became(`restart-delay: ${delay ?? ""}`) : needless("the pause does not grow"),
        ),
        stop_exit_codes: values.outcome(
          "stop_exit_codes",
          stops ? became(`finish: ${line}`) : needless("there are none"),
        ),
      },
    };
  },
);

function limitOutcome(again: boolean, limit: string | null): Outcome {
  if (!again) return needless("it is not started again");
  return limit === null ? needless("the growing pause is all") : became(`restart-limit: ${limit}`);
}

/** Milliseconds: a number, or one with s, m or h behind it. */
function milliseconds(tree: Tree): number | null {
  const [, digits, unit = ""] = /^(\d{1,12})(ms|s|m|h)?$/.exec(text(tree) ?? "") ?? [];
  if (digits === undefined) return null;
  return Number(digits) * ({ s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? 1);
}

function codesOf(tree: Tree): readonly string[] | null {
  const codes = tree.kind === "list" ? texts(tree) : [text(tree) ?? ""];
  return codes?.every((code) => /^\d{1,3}$/.test(code) && Number(code) < 256) === true ? codes : null;
}

const stopping = subject(["kill_timeout", "treekill", "kill_retry_time", "shutdown_with_message"], (values) => {
  const wait = values.read("kill_timeout", milliseconds, defaultTimeout, "a time in ms");
  const tree = values.read("treekill", flag, true, "true or false");
  return {
    change: { settings: { "down-signal": "INT", "timeout-kill": String(wait) }, stopGroup: tree },
    outcomes: {
      kill_timeout: values.outcome("kill_timeout", became(`down-signal: INT, timeout-kill: ${wait}`)),
      treekill: values.outcome(
        "treekill",
        tree ? became("control/t, for the whole group") : needless("so it is without control/t"),
      ),
      kill_retry_time: needless("runsv learns of the end at once"),
      shutdown_with_message: lost("the program gets INT, and no message", "let it listen to SIGINT"),
    },
  };
});

const copies = subject(["instances", "exec_mode", "increment_var"], (values, _app, { command }) => {
  const stated = values.last("instances");
  const number = stated === null ? 1 : copiesOf(stated);
  const isNode = command.kind === "words" && command.words[0]?.[0] === "node";
  const mode = values.read("exec_mode", text, stated !== null && isNode ? "cluster" : "fork", "a text");
  if (stated !== null && number === null && !/^(max|-\d+|0)$/.test(text(stated) ?? ""))
    values.refuse("instances", "is not a number, or max");
  const shares = mode.startsWith("cluster") && number !== 1;
  return {
    outcomes: {
      instances: values.outcome(
        "instances",
        number === null
          ? lost(
              "one is made: how many processors there will be is not known here",
              "write the number, and import again",
            )
          : shares
            ? lost(
                `${number} directories are made, of which each opens its own port`,
                "give each a port, or let one use node:cluster",
              )
            : number === 1
              ? needless("there is one anyway")
              : became(`${number} directories, with NODE_APP_INSTANCE`),
      ),
      exec_mode: values.outcome(
        "exec_mode",
        mode.startsWith("cluster")
          ? shares
            ? lost("no master opens the port for all", "let the program use node:cluster itself, with one instance")
            : needless("with one instance it makes no difference")
          : needless("so it is"),
      ),
      increment_var: lost("each copy gets the same value", "write it into run of each"),
    },
  };
});

/** How many; null where pm2 would count processors. */
export function copiesOf(tree: Tree): number | null {
  const number = count(tree);
  return number === null || number === 0 ? null : number;
}

const watching = subject(["watch", "ignore_watch", "watch_delay", "watch_options"], (values) => {
  const tree = values.last("watch");
  const isOff = tree === null || flag(tree) === false;
  const outcome = isOff
    ? needless("it is off")
    : lost("nobody looks whether files change", "let nodemon, watchexec or entr run sv restart while you write it");
  return { outcomes: { watch: outcome, ignore_watch: outcome, watch_delay: outcome, watch_options: outcome } };
});

/** How long it lives. */
export const lifeSubjects: readonly AppSubject[] = [
  restarting,
  stopping,
  copies,
  watching,
  always(
    lost(
      "it may take as much memory as it likes",
      "write chpst -m BYTES in front of the program in run, or limit the container",
    ),
    ["max_memory_restart"],
  ),
  always(lost("it is not started again at a time", "let cron run sv restart NAME"), ["cron_restart", "cron"]),
  always(
    lost("it counts as ready as soon as it runs: no message is waited for", "write notification-fd, or a script check"),
    ["wait_ready", "listen_timeout"],
  ),
];

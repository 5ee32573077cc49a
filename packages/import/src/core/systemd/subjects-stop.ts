import type { Outcome, Script } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { signalGroup } from "../render.ts";
import { signal } from "../values.ts";
import { describeWord } from "../words.ts";
import { type ExecLine, scriptLines } from "./command-line.ts";
import { commandsOf, subject, type UnitSubject } from "./subject.ts";
import { boolean, timespan } from "./values.ts";

const keys = [
  "KillMode",
  "KillSignal",
  "SendSIGHUP",
  "SendSIGKILL",
  "FinalKillSignal",
  "RestartKillSignal",
  "TimeoutStopSec",
  "TimeoutSec",
  "TimeoutStartSec",
  "ExecStop",
  "ExecReload",
] as const;

const modes = ["control-group", "mixed", "process", "none"];
/** In ms: systemd gives a unit 90 seconds where neither it nor the manager says otherwise. */
const defaultTimeout = 90_000;
const span = "a time span";

const stopping = subject(keys, (values, unit, { user }) => {
  const mode = values.read(
    "KillMode",
    (text) => (modes.includes(text) ? text : null),
    "control-group",
    modes.join(", "),
  );
  const name = values.read("KillSignal", signal, "TERM", "a signal");
  const kills = values.read("SendSIGKILL", boolean, true, "a boolean");
  const both = values.read("TimeoutSec", timespan, defaultTimeout, span);
  const wait = values.read("TimeoutStopSec", timespan, both, span);
  const timeout = !kills || wait === Number.POSITIVE_INFINITY ? 0 : wait;
  // chpst -F passes the signal on to all that it holds.
  const toGroup = mode === "control-group" && unit.type !== "forking" && unit.type !== "oneshot";
  const linesOf = (commands: readonly ExecLine[]): readonly string[] =>
    commands.flatMap((command) => scriptLines(command, user, ""));
  const stop = commandsOf(values, "ExecStop", unit, (commands) =>
    unit.type === "oneshot"
      ? lost("a job that is done is not stopped", "write a service whose run waits, and whose finish does this")
      : became(`control/t: ${linesOf(commands).join("; ")}`),
  );
  const reload = commandsOf(values, "ExecReload", unit, reloadOutcome);
  const reloading = reload.items.filter((command) => !isHup(command));
  const withPid = (lines: readonly string[]): Script => ({ lines: [`export MAINPID="$1"`, ...lines], inherits: true });
  // runsv sends the signal itself where the script does not exit 0.
  const end = toGroup ? signalGroup(name) : "exit 1";
  return {
    change: {
      settings: {
        ...(name === "TERM" ? {} : { "down-signal": name }),
        "timeout-kill": String(timeout),
        ...keeping(mode),
      },
      stopGroup: toGroup,
      scripts: {
        ...(stop.items.length === 0 || unit.type === "oneshot"
          ? {}
          : { "control/t": withPid([...linesOf(stop.items), end]) }),
        ...(reloading.length === 0 ? {} : { "control/h": withPid([...linesOf(reload.items), "exit 0"]) }),
      },
    },
    outcomes: {
      KillMode: values.outcome("KillMode", modeOutcome(mode, toGroup)),
      KillSignal: values.outcome(
        "KillSignal",
        name === "TERM" ? needless("TERM it is anyway") : became(`down-signal: ${name}`),
      ),
      SendSIGHUP: lost("HUP is not sent as well", "send it in control/t"),
      SendSIGKILL: values.outcome("SendSIGKILL", kills ? needless("so it is anyway") : became("timeout-kill: 0")),
      FinalKillSignal: lost("KILL it is", "send another signal in control/t"),
      RestartKillSignal: lost("down-signal counts for a restart as well", "send another signal in control/t"),
      TimeoutStopSec: values.outcome("TimeoutStopSec", became(`timeout-kill: ${timeout}`)),
      TimeoutSec: values.outcome(
        "TimeoutSec",
        values.has("TimeoutSec") ? became(`timeout-kill: ${timeout}`) : needless("TimeoutStopSec counts"),
      ),
      TimeoutStartSec: lost(
        "a start may take as long as it likes",
        "runsv warns after 30 s; write timeout in front of the program",
      ),
      ExecStop: stop.outcomes,
      ExecReload: reload.outcomes,
    },
  };
});

function keeping(mode: string): Readonly<Record<string, string>> {
  return mode === "process" || mode === "none" ? { "flag-keep-leftovers": "" } : {};
}

function modeOutcome(mode: string, toGroup: boolean): Outcome {
  switch (mode) {
    case "mixed":
      return needless("run gets the signal, and KILL ends what is left");
    case "process":
      return became("flag-keep-leftovers");
    case "none":
      return lost("run is stopped, and only what it leaves stays", "let control/t exit 0");
    default:
      return toGroup ? became("control/t, for the whole group") : needless("all of it is ended anyway");
  }
}

/** `kill -HUP $MAINPID`, the way in which most units reload. */
function isHup({ words }: ExecLine): boolean {
  return /^(\/usr)?(\/bin\/)?kill (-s )?-?(SIG)?(HUP|1) \$MAINPID$/.test(words.map(describeWord).join(" "));
}

function reloadOutcome(commands: readonly ExecLine[]): Outcome {
  return commands.every(isHup) ? needless("sv hup sends HUP anyway") : became("control/h, which sv hup runs");
}

/** How it is stopped, and how it reads its configuration again. */
export const stopSubjects: readonly UnitSubject[] = [stopping];

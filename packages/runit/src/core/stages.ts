import { reasonOf } from "@upkeep/linux/core/errno";
import type { Exit } from "@upkeep/linux/process/wait";

import type { Effect, Event, Script, Stage } from "./event.ts";
import { ctrlAltDelEnded, ctrlAltDelFailed, ctrlAltDelFound, startRequestAgain } from "./request.ts";
import { beginEnd, commandRefused, shutDown } from "./shutdown.ts";
import { fatal, isInStage2, pathOf, same, say, warn, type State, type Step } from "./state.ts";

/** Stage 1 exits with this to leave stage 2 out. */
const skipStage2 = 100;
/** Stage 2 exits with this to run again. */
const restartStage2 = 111;
/** Time until stage 2 runs again, until another attempt at a process, and for stage 2 after TERM, in ms. */
const pause = 5000;

/** When the next `tick` is due. */
export function nextDeadline({ phase, request }: State): number {
  // A script that waits for a process must not start when the machine has been told to end.
  if (phase.kind === "ending") return Infinity;
  const next = request.kind === "paused" ? request.until : Infinity;
  if (phase.kind === "paused" || phase.kind === "restarting") return Math.min(next, phase.until);
  return phase.kind === "stopping" ? Math.min(next, phase.deadline) : next;
}

/** What an event changes, and what is to be done about it. */
export function step(state: State, event: Event): Step {
  switch (event.kind) {
    case "begin":
      return begin(state, event.consoleErrno);
    case "started":
      if (event.script === "ctrlaltdel") return same({ ...state, request: running(event.pid) });
      return same({ ...state, phase: { ...running(event.pid), stage: event.script } });
    case "startFailed":
      return startFailed(state, event.script, event.errno, event.isFork, event.at);
    case "exited":
      return exited(state, event.pid, event.exit, event.at);
    case "signal":
      return signalled(state, event.signal, event.at);
    case "stopRequestRead":
      return event.isAsked && isInStage2(state) ? stopStage2(state, event.at) : same(state);
    case "ctrlAltDelFound":
      return ctrlAltDelFound(state, event.isThere);
    case "shutdownRead":
      return shutDown(state, event.isReboot, event.isSynced);
    case "refused":
      return commandRefused(state, event.command, event.errno);
    case "tick":
      return tick(state, event.at);
    default:
      return event satisfies never;
  }
}

function running(pid: number): { readonly kind: "running"; readonly pid: number } {
  return { kind: "running", pid };
}

function begin(state: State, consoleErrno: number): Step {
  const effects: Effect[] = [{ kind: "command", command: "ctrlAltDelete" }, say(`${state.identity}: booting.`)];
  if (consoleErrno !== 0) effects.push(warn(`unable to open /dev/console: ${reasonOf(consoleErrno)}`));
  return enter(state, "1", effects);
}

function enter(state: State, stage: Stage, effects: readonly Effect[]): Step {
  return start(state, stage, [...effects, say(`enter stage: ${pathOf(stage)}`)]);
}

/** Stage 1 shares our session, the others have sessions of their own. */
function start(state: State, stage: Stage, effects: readonly Effect[]): Step {
  return {
    state: { ...state, phase: { kind: "starting", stage } },
    effects: [...effects, { kind: "start", script: stage, newSession: stage !== "1" }],
  };
}

function startFailed(state: State, script: Script, errno: number, isFork: boolean, at: number): Step {
  const path = pathOf(script);
  const complaint = isFork
    ? fatal(`unable to fork for "${path}" pausing: ${reasonOf(errno)}`)
    : fatal(`unable to start child: ${path}: ${reasonOf(errno)}`);
  if (script === "ctrlaltdel") return ctrlAltDelFailed(state, complaint, isFork ? at + pause : null);
  if (isFork) {
    return { state: { ...state, phase: { kind: "paused", stage: script, until: at + pause } }, effects: [complaint] };
  }
  // As in runit, a stage that cannot be started counts as done.
  return leave(state, script, [complaint]);
}

function exited(state: State, pid: number, exit: Exit, at: number): Step {
  const { phase, request } = state;
  if (request.kind === "running" && request.pid === pid) return ctrlAltDelEnded(state, exit);
  if (phase.kind === "stopping" && phase.pid === pid) return leave(state, "2", []);
  // Otherwise an adopted orphan: it has been reaped, and that is all.
  if (phase.kind !== "running" || phase.pid !== pid) return same(state);
  const path = pathOf(phase.stage);
  const crashed = exit.kind === "killed";
  const effects = crashed ? [warn(`child crashed: ${path}`)] : exit.code === 0 ? [] : [warn(`child failed: ${path}`)];
  if (phase.stage === "1" && (crashed || exit.code === skipStage2)) {
    return enter(state, "3", [...effects, say(`leave stage: ${path}`), warn("skipping stage 2...")]);
  }
  if (phase.stage === "2" && (crashed || exit.code === restartStage2)) {
    return {
      state: { ...state, phase: { kind: "restarting", until: at + pause } },
      effects: [
        ...effects,
        warn("killing all processes in stage 2..."),
        { kind: "signal", pid: -pid, signal: "SIGKILL" },
      ],
    };
  }
  return leave(state, phase.stage, effects);
}

/** A stage is done: the next one follows, or the end. */
function leave(state: State, stage: Stage, effects: readonly Effect[]): Step {
  const said = [...effects, say(`leave stage: ${pathOf(stage)}`)];
  if (stage === "3") return beginEnd(state, said);
  return enter(state, stage === "1" ? "2" : "3", said);
}

function signalled(state: State, signal: (Event & { readonly kind: "signal" })["signal"], at: number): Step {
  const { phase, request } = state;
  if (phase.kind === "stopping" || phase.kind === "ending") return same(state);
  if (!isInStage2(state)) return { state, effects: [warn("signals only work in stage 2.")] };
  switch (signal) {
    case "SIGCONT":
      return { state, effects: [{ kind: "readStopRequest" }] };
    case "SIGINT":
      return request.kind === "none" ? { state, effects: [{ kind: "findCtrlAltDel" }] } : same(state);
    case "SIGPWR":
      return failPower(state, at);
    case "SIGALRM":
      return { state, effects: phase.kind === "running" ? [{ kind: "signal", pid: phase.pid, signal }] : [] };
    default:
      return signal satisfies never;
  }
}

/** A stop that needs no flag. A flag that is raised is taken back, and the outcome is ignored. */
function failPower(state: State, at: number): Step {
  const stopped = stopStage2({ ...state, isPowerFailing: true }, at);
  return { ...stopped, effects: [{ kind: "readStopRequest" }, ...stopped.effects] };
}

function stopStage2(state: State, at: number): Step {
  const { phase } = state;
  if (phase.kind !== "running") return leave(state, "2", []);
  return {
    state: { ...state, phase: { kind: "stopping", pid: phase.pid, deadline: at + pause } },
    effects: [{ kind: "signal", pid: phase.pid, signal: "SIGTERM" }],
  };
}

function tick(state: State, at: number): Step {
  const { phase, request } = state;
  if (request.kind === "paused" && at >= request.until) return startRequestAgain(state);
  if (phase.kind === "paused" && at >= phase.until) return start(state, phase.stage, []);
  if (phase.kind === "restarting" && at >= phase.until) return enter(state, "2", [warn("restarting.")]);
  if (phase.kind === "stopping" && at >= phase.deadline) {
    return {
      state: { ...state, phase: { ...phase, deadline: Infinity } },
      effects: [
        warn("stage 2 not terminated, sending sigkill..."),
        { kind: "signal", pid: phase.pid, signal: "SIGKILL" },
      ],
    };
  }
  return same(state);
}

import { listNames } from "@upkeep/program/core/name-list";
import { isRepetition } from "@upkeep/program/core/repetition";

import { shortened } from "./budget.ts";
import type { Effect } from "./event.ts";
import { after, info, same, type State, type Step, type StopProgress, warning } from "./state.ts";
import {
  end,
  enterMain,
  enterPostShutdown,
  enterPreShutdown,
  enterServices,
  graceAfterKill,
  startNextShutdownScript,
  wait,
} from "./stop-steps.ts";
import { reportEvery } from "./stop-time.ts";

/** Begins a stop. `signal` is the number of the one that asked for it; 0: none did. */
export function beginStop(state: State, at: number, signal: number): Step {
  const { phase, mainCommand } = state;
  const stop: StopProgress = { since: at, askedAt: at, haste: 0, reportAt: at + reportEvery };
  // A main command that TERM did not let begin has not done its work.
  const code = state.code ?? (signal === 0 || state.main !== 0 ? null : mainCommand === null ? 0 : 128 + signal);
  const next: State = { ...state, stop, code };
  if (phase.kind === "running") return state.main === 0 ? enterPreShutdown(next, at) : enterMain(next, at);
  if (phase.kind !== "booting" || phase.queue.current === null) return enterServices(next, at);
  const { path, pid } = phase.queue.current;
  if (pid === 0) return enterServices(next, at);
  return after(
    [info(`Stopping ${path} (PID ${pid})...`), { kind: "signal", pid, signal: "SIGTERM" }],
    wait(next, "main", { kind: "startup", queue: phase.queue }, at),
  );
}

/** Somebody asks for the stop again: the second time shortens it, the third one kills. */
export function askAgain(state: State, stop: StopProgress, at: number): Step {
  const { phase } = state;
  if (phase.kind !== "stopping" || isRepetition(stop.askedAt, at)) return same(state);
  if (stop.haste === 0) {
    return {
      state: {
        ...state,
        stop: { ...stop, askedAt: at, haste: 1 },
        phase: { ...phase, deadline: shortened(phase.deadline, at) },
      },
      effects: [warning("Asked to stop again: shortening the grace time.")],
    };
  }
  const killed: State = { ...state, stop: { ...stop, askedAt: at, haste: 2 } };
  return after([warning("Asked to stop again: killing all processes.")], killAll(killed, at));
}

/** Kills everything at once, and waits no longer than the kernel takes. */
function killAll(state: State, at: number): Step {
  const { phase, main, services, killAllOnExit } = state;
  const script = phase.kind === "stopping" && "queue" in phase.step ? (phase.step.queue.current?.pid ?? 0) : 0;
  const own = [script, main, services].filter((pid) => pid !== 0);
  const kills = own.map((pid): Effect => ({ kind: "signal", pid, signal: "SIGKILL" }));
  const all: readonly Effect[] = killAllOnExit ? [{ kind: "signalAll", signal: "SIGKILL" }] : [];
  return {
    state: {
      ...state,
      phase: { kind: "stopping", step: { kind: "all" }, deadline: at + graceAfterKill, isForced: true },
    },
    effects: [...kills, ...all, { kind: "listAlive", isReport: false }],
  };
}

/** A child has ended, and the state has forgotten it. */
export function endedInStop(state: State, pid: number, code: number, at: number): Step {
  const { phase } = state;
  if (phase.kind !== "stopping") return same(state);
  const { step } = phase;
  switch (step.kind) {
    case "main":
      return state.main === 0 ? enterPreShutdown(state, at) : same(state);
    case "startup":
      return step.queue.current?.pid === pid ? enterServices(state, at) : same(state);
    case "scripts":
      if (step.queue.current?.pid !== pid) return same(state);
      if (code === 0) return startNextShutdownScript(state, step.queue.set, step.queue.rest, at);
      return after(
        [warning(`${step.queue.current.path} failed with status ${code}`)],
        shutdownScriptFailed(state, code, at),
      );
    case "services":
      return state.services === 0 ? enterPostShutdown(state, at) : same(state);
    case "all":
      return same(state);
    default:
      return step satisfies never;
  }
}

export function shutdownScriptsListed(state: State, paths: readonly string[], at: number): Step {
  const { phase } = state;
  if (phase.kind !== "stopping" || phase.step.kind !== "scripts") return same(state);
  return startNextShutdownScript(state, phase.step.queue.set, paths, at);
}

/** A shutdown script failed, or could not run: the exit code tells that, and the stop goes on. */
export function shutdownScriptFailed(state: State, code: number, at: number): Step {
  const { phase } = state;
  if (phase.kind !== "stopping" || phase.step.kind !== "scripts") return same(state);
  const { set, rest } = phase.step.queue;
  const failed: State = { ...state, scriptCode: state.scriptCode === 0 ? code : state.scriptCode };
  return startNextShutdownScript(failed, set, rest, at);
}

/** It is known who is alive: the last step is over when nobody is. */
export function endIfGone(state: State, names: readonly string[], isReport: boolean): Step {
  const { phase } = state;
  if (phase.kind !== "stopping" || phase.step.kind !== "all") return same(state);
  if (names.length === 0) return end(state);
  if (isReport) {
    const all = listNames(names);
    const text = phase.isForced ? `unable to stop ${all} in time, sending kill` : `Waiting for ${all}`;
    return { state, effects: [warning(text)] };
  }
  // Where we are not process 1, a process may have appeared since the last kill.
  return { state, effects: phase.isForced && state.killAllOnExit ? [{ kind: "signalAll", signal: "SIGKILL" }] : [] };
}

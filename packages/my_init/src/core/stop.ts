import { isRepetition } from "@upkeep/program/core/repetition";
import { forceStopSignal } from "@upkeep/supervise/core/force-stop";

import { hurried } from "./budget.ts";
import type { Effect } from "./event.ts";
import { after, info, type Result, same, type State, type Step, type Stop, warning } from "./state.ts";
import {
  end,
  enterAll,
  enterMain,
  enterPostShutdown,
  enterPreShutdown,
  enterServices,
  graceAfterKill,
  kill,
  nextScript,
  wait,
} from "./stop-steps.ts";

/** Time between two lines about whom a stop waits for, in ms. */
const reportEvery = 2000;

/** What runsvdir has to kill its services, in ms. */
const graceAfterForce = 1000;

/** Names in a line at most. */
const namesShown = 8;

/** Begins a stop. `signal` is the number of the one that asked for it; 0: none did. */
export function beginStop(state: State, at: number, signal: number): Result {
  const { phase, mainCommand } = state;
  const stop: Stop = { since: at, askedAt: at, haste: 0, reportAt: at + reportEvery };
  // A main command that TERM did not let begin has not done its work.
  const code = state.code ?? (signal === 0 || state.main !== 0 ? null : mainCommand === null ? 0 : 128 + signal);
  const next: State = { ...state, stop, code };
  if (phase.kind === "running") return state.main === 0 ? enterPreShutdown(next, at) : enterMain(next, at);
  if (phase.kind !== "booting" || phase.row.current === null) return enterServices(next, at);
  const { path, pid } = phase.row.current;
  if (pid === 0) return enterServices(next, at);
  return after(
    [info(`Stopping ${path} (PID ${pid})...`), { kind: "signal", pid, signal: "SIGTERM" }],
    wait(next, "main", { kind: "startup", row: phase.row }, at),
  );
}

/** A stop is asked for again: the second time shortens it, the third one kills. */
export function askAgain(state: State, stop: Stop, at: number): Result {
  const { phase } = state;
  if (phase.kind !== "stopping" || isRepetition(stop.askedAt, at)) return same(state);
  if (stop.haste === 0) {
    const hasty: State = { ...state, stop: { ...stop, askedAt: at, haste: 1 } };
    return {
      state: { ...hasty, phase: { ...phase, deadline: hurried(phase.deadline, at) } },
      effects: [warning("Asked to stop again: shortening the grace time.")],
    };
  }
  const killed: State = { ...state, stop: { ...stop, askedAt: at, haste: 2 } };
  return after([warning("Asked to stop again: killing all processes.")], killAll(killed, at));
}

/** When a stop goes on by itself. */
export function stopWakes({ phase, stop }: State): number {
  return phase.kind === "stopping" ? Math.min(phase.deadline, stop?.reportAt ?? Infinity) : Infinity;
}

/** Time has passed. */
export function stopTick(state: State, at: number): Result {
  const { phase, stop } = state;
  if (phase.kind !== "stopping" || stop === null) return same(state);
  if (at >= phase.deadline) return phase.isForced ? giveUp(state, at) : force(state, at);
  if (at < stop.reportAt) return same(state);
  return { state: { ...state, stop: { ...stop, reportAt: at + reportEvery } }, effects: report(state, phase.step) };
}

/** Names whom a stop waits for. runsvdir does so for its services. */
function report(state: State, step: Step): readonly Effect[] {
  switch (step.kind) {
    case "main":
      return [warning(`Waiting for ${state.mainCommand} (PID ${state.main})`)];
    case "startup":
    case "scripts":
      return [warning(`Waiting for ${step.row.current?.path} (PID ${step.row.current?.pid})`)];
    case "services":
      return [];
    case "all":
      return [{ kind: "lookAround", isReport: true }];
    default:
      return step satisfies never;
  }
}

/** Who is there has been looked at; the last step is over the moment nobody is. */
export function endIfGone(state: State, names: readonly string[], isReport: boolean): Result {
  const { phase } = state;
  if (phase.kind !== "stopping" || phase.step.kind !== "all") return same(state);
  if (names.length === 0) return end(state);
  if (isReport) {
    const shown = names.slice(0, namesShown).join(", ");
    const rest = names.length - namesShown;
    const all = `${shown}${rest > 0 ? ` and ${rest} more` : ""}`;
    return {
      state,
      effects: [warning(phase.isForced ? `unable to stop ${all} in time, sending kill` : `Waiting for ${all}`)],
    };
  }
  // Where we are not process 1, a process may have been made behind our back.
  return { state, effects: phase.isForced && state.killAllOnExit ? [{ kind: "signalAll", signal: "SIGKILL" }] : [] };
}

/** A child is gone; what is left of it in the state has been taken out already. */
export function childInStop(state: State, pid: number, code: number, at: number): Result {
  const { phase } = state;
  if (phase.kind !== "stopping") return same(state);
  const { step } = phase;
  switch (step.kind) {
    case "main":
      return state.main === 0 ? enterPreShutdown(state, at) : same(state);
    case "startup":
      return step.row.current?.pid === pid ? enterServices(state, at) : same(state);
    case "scripts":
      if (step.row.current?.pid !== pid) return same(state);
      if (code === 0) return nextScript(state, step.row.set, step.row.queue, at);
      return after([warning(`${step.row.current.path} failed with status ${code}`)], stopScriptFailed(state, code, at));
    case "services":
      return state.services === 0 ? enterPostShutdown(state, at) : same(state);
    case "all":
      return same(state);
    default:
      return step satisfies never;
  }
}

/** The scripts of a step have been looked up. */
export function stopListed(state: State, paths: readonly string[], at: number): Result {
  const { phase } = state;
  if (phase.kind !== "stopping" || phase.step.kind !== "scripts") return same(state);
  return nextScript(state, phase.step.row.set, paths, at);
}

/** A shutdown script could not be run, or failed: that is told by the exit code, and the stop goes on. */
export function stopScriptFailed(state: State, code: number, at: number): Result {
  const { phase } = state;
  if (phase.kind !== "stopping" || phase.step.kind !== "scripts") return same(state);
  const { set, queue } = phase.step.row;
  return nextScript({ ...state, scriptCode: state.scriptCode === 0 ? code : state.scriptCode }, set, queue, at);
}

/** The time of a step is over. */
function force(state: State, at: number): Result {
  const { phase } = state;
  if (phase.kind !== "stopping") return same(state);
  const { step } = phase;
  const forced = (deadline: number, effects: readonly Effect[]): Result => ({
    state: { ...state, phase: { ...phase, deadline, isForced: true } },
    effects,
  });
  switch (step.kind) {
    case "main":
      return forced(at + graceAfterKill, kill(state.mainCommand ?? "", state.main));
    case "startup":
    case "scripts": {
      const { path = "", pid = 0 } = step.row.current ?? {};
      return forced(at + graceAfterKill, kill(path, pid));
    }
    case "services":
      return forced(at + graceAfterForce, [{ kind: "signal", pid: state.services, signal: forceStopSignal }]);
    case "all":
      return forced(at + graceAfterKill, [
        // First, or those whom the kill meets could not be named.
        { kind: "lookAround", isReport: true },
        { kind: "signalAll", signal: "SIGKILL" },
      ]);
    default:
      return step satisfies never;
  }
}

/** Not even a kill has helped in time. */
function giveUp(state: State, at: number): Result {
  const { phase } = state;
  if (phase.kind !== "stopping") return same(state);
  const { step } = phase;
  switch (step.kind) {
    case "main":
      return enterPreShutdown(state, at);
    case "startup":
      return enterServices(state, at);
    case "scripts":
      return step.row.set === "preShutdown" ? enterServices(state, at) : enterAll(state, at);
    case "services": {
      if (step.isKilled) return enterPostShutdown(state, at);
      const next: Step = { kind: "services", isKilled: true };
      return {
        state: { ...state, phase: { ...phase, step: next, deadline: at + graceAfterKill } },
        effects: kill("runsvdir", state.services),
      };
    }
    case "all":
      return end(state);
    default:
      return step satisfies never;
  }
}

/** Everything at once, and no more waiting than for the kernel. */
function killAll(state: State, at: number): Result {
  const { phase } = state;
  const script = phase.kind === "stopping" && "row" in phase.step ? (phase.step.row.current?.pid ?? 0) : 0;
  const own = [script, state.main, state.services].filter((pid) => pid !== 0);
  const kills = own.map((pid): Effect => ({ kind: "signal", pid, signal: "SIGKILL" }));
  const everybody: readonly Effect[] = state.killAllOnExit ? [{ kind: "signalAll", signal: "SIGKILL" }] : [];
  return {
    state: {
      ...state,
      phase: { kind: "stopping", step: { kind: "all" }, deadline: at + graceAfterKill, isForced: true },
    },
    effects: [...kills, ...everybody, { kind: "lookAround", isReport: false }],
  };
}

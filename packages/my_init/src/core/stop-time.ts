import { forceStopSignal } from "@upkeep/supervise/core/force-stop";

import type { Effect } from "./event.ts";
import { same, type Phase, type State, type Step, type StopStep, warning } from "./state.ts";
import {
  end,
  enterAll,
  enterPostShutdown,
  enterPreShutdown,
  enterServices,
  graceAfterKill,
  kill,
} from "./stop-steps.ts";

/** Time between two lines about what a stop waits for, in ms. */
export const reportEvery = 2000;

/** The time runsvdir has to kill its services, in ms. */
const graceAfterForce = 1000;

type Stopping = Phase & { readonly kind: "stopping" };

/** When {@link stopTick} is due. */
export function stopDeadline({ phase, stop }: State): number {
  return phase.kind === "stopping" ? Math.min(phase.deadline, stop?.reportAt ?? Infinity) : Infinity;
}

/** Time has passed. */
export function stopTick(state: State, at: number): Step {
  const { phase, stop } = state;
  if (phase.kind !== "stopping" || stop === null) return same(state);
  if (at >= phase.deadline) return phase.isForced ? giveUp(state, phase, at) : force(state, phase, at);
  if (at < stop.reportAt) return same(state);
  return { state: { ...state, stop: { ...stop, reportAt: at + reportEvery } }, effects: report(state, phase.step) };
}

/** Says what a stop waits for. runsvdir itself does so for its services. */
function report(state: State, step: StopStep): readonly Effect[] {
  switch (step.kind) {
    case "main":
      return [warning(`Waiting for ${state.mainCommand} (PID ${state.main})`)];
    case "startup":
    case "scripts":
      return [warning(`Waiting for ${step.queue.current?.path} (PID ${step.queue.current?.pid})`)];
    case "services":
      return [];
    case "all":
      return [{ kind: "listAlive", isReport: true }];
    default:
      return step satisfies never;
  }
}

/** The time of a step is over. */
function force(state: State, phase: Stopping, at: number): Step {
  const { step } = phase;
  const forced = (grace: number, effects: readonly Effect[]): Step => ({
    state: { ...state, phase: { ...phase, deadline: at + grace, isForced: true } },
    effects,
  });
  switch (step.kind) {
    case "main":
      return forced(graceAfterKill, kill(state.mainCommand ?? "", state.main));
    case "startup":
    case "scripts": {
      const { path = "", pid = 0 } = step.queue.current ?? {};
      return forced(graceAfterKill, kill(path, pid));
    }
    case "services":
      return forced(graceAfterForce, [{ kind: "signal", pid: state.services, signal: forceStopSignal }]);
    case "all":
      return forced(graceAfterKill, [
        // First: a process that has been killed cannot be named.
        { kind: "listAlive", isReport: true },
        { kind: "signalAll", signal: "SIGKILL" },
      ]);
    default:
      return step satisfies never;
  }
}

/** Not even a kill has helped in time. */
function giveUp(state: State, phase: Stopping, at: number): Step {
  const { step } = phase;
  switch (step.kind) {
    case "main":
      return enterPreShutdown(state, at);
    case "startup":
      return enterServices(state, at);
    case "scripts":
      return step.queue.set === "preShutdown" ? enterServices(state, at) : enterAll(state, at);
    case "services":
      if (step.isKilled) return enterPostShutdown(state, at);
      return {
        state: { ...state, phase: { ...phase, step: { ...step, isKilled: true }, deadline: at + graceAfterKill } },
        effects: kill("runsvdir", state.services),
      };
    case "all":
      return end(state);
    default:
      return step satisfies never;
  }
}

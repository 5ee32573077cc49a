import type { Effect, EndSignal } from "./event.ts";
import { same, warning, type Runsv, type State, type Step } from "./state.ts";
import { beginStop, isHurry, listNames, moveStop, type Stop } from "./stop.ts";

/** Exit code after HUP. Source: runit 2.1.2. */
const hungUp = 111;

/**
 * A signal asks for the end.
 *
 * As in runit TERM leaves the services running under their runsv, and HUP tells each runsv to go
 * and waits for none. An orderly stop waits for all; a later signal shortens it.
 */
export function signalled(state: State, signal: EndSignal, isTyped: boolean, at: number): Step {
  const { phase, policy } = state;
  if (phase.kind === "ended") return same(state);
  if (phase.kind === "stopping")
    return isHurry(phase.stop, at) ? continueStop(state, phase.stop, at, true) : same(state);
  if (policy.isOrderly || (signal === "SIGINT" && isTyped)) return stopAll(state, at);
  const ended: State = { ...state, phase: { kind: "ended" } };
  if (signal === "SIGINT") return { state: ended, effects: [{ kind: "die", signal }] };
  if (signal === "SIGTERM") return { state: ended, effects: [{ kind: "end", code: 0 }] };
  return { state: ended, effects: [...termEach(state), { kind: "end", code: hungUp }] };
}

function stopAll(state: State, at: number): Step {
  const alive = [...state.services].filter(([, { runsv }]) => runsv.kind !== "none");
  const services = new Map(alive.map(([id, service]) => [id, { ...service, runsv: askedToLeave(service.runsv) }]));
  const stop = beginStop(at, state.policy.stopTimeout);
  return afterLoss({ ...state, services, phase: { kind: "stopping", stop } }, termEach(state));
}

function askedToLeave(runsv: Runsv): Runsv {
  return runsv.kind === "running" ? { kind: "leaving", pid: runsv.pid } : runsv;
}

/** TERM for each runsv that has not had one. */
function termEach({ services }: State): readonly Effect[] {
  return [...services.values()].flatMap(({ runsv }): readonly Effect[] =>
    runsv.kind === "running" ? [{ kind: "signal", pid: runsv.pid, signal: "SIGTERM" }] : [],
  );
}

/** The stop goes on: because time has passed, or in a `hurry`. */
export function continueStop(state: State, stop: Stop, at: number, hurry: boolean): Step {
  const next = moveStop(stop, at, hurry);
  const moved: State = { ...state, phase: { kind: "stopping", stop: next.stop } };
  const left = [...state.services.values()];
  const names = listNames(left.map(({ name }) => name));
  switch (next.move) {
    case "wait":
      return same(moved);
    case "report":
      return { state: moved, effects: [warning(`waiting for ${names}`)] };
    case "force": {
      // A service whose entry is gone cannot be reached by name any more.
      const reachable = [...state.services].filter(([, { isListed }]) => isListed);
      const kills = reachable.map(([identity, { name }]): Effect => ({ kind: "forceStop", identity, name }));
      return { state: moved, effects: [warning(`unable to stop ${names} in time, sending kill`), ...kills] };
    }
    case "kill": {
      const kills = left.flatMap(({ runsv }): readonly Effect[] =>
        runsv.kind === "leaving" ? [{ kind: "signal", pid: runsv.pid, signal: "SIGKILL" }] : [],
      );
      const effects: readonly Effect[] = [warning(`unable to stop ${names}, killing runsv`), ...kills];
      return { state: { ...state, phase: { kind: "ended" } }, effects: [...effects, { kind: "end", code: 0 }] };
    }
    default:
      return next.move satisfies never;
  }
}

/** A runsv is gone: a stop is over the moment the last one is. */
export function afterLoss(state: State, effects: readonly Effect[]): Step {
  if (state.phase.kind !== "stopping" || state.services.size > 0) return { state, effects };
  return { state: { ...state, phase: { kind: "ended" } }, effects: [...effects, { kind: "end", code: 0 }] };
}

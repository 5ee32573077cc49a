import { isRepetition } from "@upkeep/program/core/repetition";

import type { Effect, EndSignal } from "./event.ts";
import { same, warning, type Phase, type Service, type State, type Step } from "./state.ts";
import { beginStop, listNames, moveStop } from "./stop.ts";
import { nextToStop, type Needs } from "./stop-order.ts";

/** Exit code after HUP. Source: runit 2.1.2. */
const hungUp = 111;

/**
 * A signal asks for the end.
 *
 * As in runit TERM leaves the services running under their runsv, and HUP tells each runsv to go
 * and waits for none. An orderly stop waits for all; a later signal shortens it.
 */
export function signalled(state: State, signal: EndSignal, isTyped: boolean, needs: Needs, at: number): Step {
  const { phase, policy } = state;
  if (phase.kind === "ended") return same(state);
  if (phase.kind === "stopping") {
    if (isRepetition(phase.stop.askedAt, at)) return same(state);
    return continueStop(state, { ...phase, stop: { ...phase.stop, askedAt: at, deadline: at } }, at);
  }
  if (policy.isOrderly || (signal === "SIGINT" && isTyped)) return stopAll(state, needs, 0, at);
  const ended: State = { ...state, phase: { kind: "ended" } };
  if (signal === "SIGINT") return { state: ended, effects: [{ kind: "die", signal }] };
  if (signal === "SIGTERM") return { state: ended, effects: [{ kind: "end", code: 0 }] };
  return { state: ended, effects: [...termEach(state), { kind: "end", code: hungUp }] };
}

/**
 * Our parent says that the time for an orderly stop is over. The kernel may deliver that before the TERM that it
 * follows: then the stop begins without any time.
 */
export function timeOver(state: State, needs: Needs, at: number): Step {
  const { phase, policy } = state;
  if (phase.kind === "stopping" && phase.stop.stage === "asked") {
    return continueStop(state, { ...phase, stop: { ...phase.stop, deadline: at } }, at);
  }
  const isEarly = phase.kind === "supervising" && policy.isOrderly;
  return isEarly ? stopAll({ ...state, policy: { ...policy, stopTimeout: 0 } }, needs, 0, at) : same(state);
}

/** A critical service is gone for good: where a stop is an orderly one, that is what follows. */
export function criticalEnded(state: State, name: string, code: number, needs: Needs, at: number): Step {
  if (state.phase.kind !== "supervising") return same(state);
  const what = `critical service ${name} has ended with exit code ${code}`;
  if (!state.policy.isOrderly) {
    const why = "nothing is stopped, as that takes --orderly or process 1";
    return { state, effects: [warning(`${what}; ${why}`)] };
  }
  const stopped = stopAll(state, needs, code, at);
  const told: Effect = { kind: "tellCritical", name, code };
  return { state: stopped.state, effects: [warning(`${what}, stopping all services`), told, ...stopped.effects] };
}

function stopAll(state: State, needs: Needs, code: number, at: number): Step {
  const stop = beginStop(at, state.policy.stopTimeout);
  // Those that were told when their entries went, and whose entries are back.
  return afterLoss({ ...state, phase: { kind: "stopping", stop, needs, code } }, remindEach(state));
}

/** What has been told to leave may have been called back since: by `sv up` of a person, or of another service's script. */
function remindEach({ services }: State): readonly Effect[] {
  return [...services].flatMap(([identity, { name, runsv, isListed }]): readonly Effect[] =>
    // One whose entry is gone cannot be asked by name any more.
    runsv.kind === "leaving" && isListed ? [{ kind: "remind", identity, name, pid: runsv.pid }] : [],
  );
}

/** Tells those to leave on whom nobody depends who is still there. */
function tellNext(state: State, needs: Needs): Step {
  const all = [...state.services.values()];
  if (!all.some(isUntold)) return same(state);
  const next = nextToStop(
    all.map((service) => ({ name: service.name, isTold: !isUntold(service) })),
    needs,
  );
  return tell(state, ({ name }) => next.has(name));
}

function isUntold({ runsv }: Service): boolean {
  return runsv.kind === "running" || runsv.kind === "none";
}

/** TERM for a runsv; where there is none, `./run` may live on without it, and a last one is to end that. */
function tell(state: State, isMeant: (service: Service) => boolean): Step {
  const services = new Map(state.services);
  const effects: Effect[] = [];
  for (const [identity, service] of state.services) {
    if (!isMeant(service)) continue;
    const { runsv, name } = service;
    if (runsv.kind === "running") {
      services.set(identity, { ...service, runsv: { kind: "leaving", pid: runsv.pid, isLast: false } });
      effects.push({ kind: "signal", pid: runsv.pid, signal: "SIGTERM" });
    } else if (runsv.kind === "none") {
      services.set(identity, { ...service, runsv: { kind: "starting", isLast: true } });
      effects.push({ kind: "start", identity, name, isLast: true });
    }
  }
  return { state: { ...state, services }, effects };
}

/** TERM for each runsv that has not had one. */
function termEach({ services }: State): readonly Effect[] {
  return [...services.values()].flatMap(({ runsv }): readonly Effect[] =>
    runsv.kind === "running" ? [{ kind: "signal", pid: runsv.pid, signal: "SIGTERM" }] : [],
  );
}

/** The stop goes on as its times say. */
export function continueStop(state: State, phase: Stopping, at: number): Step {
  const next = moveStop(phase.stop, at);
  const moved: State = { ...state, phase: { ...phase, stop: next.stop } };
  const left = [...state.services.values()];
  const names = listNames(left.map(({ name }) => name));
  switch (next.move) {
    case "wait":
      return same(moved);
    case "report":
      return { state: moved, effects: [warning(`waiting for ${names}`), ...remindEach(state)] };
    case "force": {
      // A service whose entry is gone cannot be reached by name any more.
      const reachable = [...state.services].filter(([, { isListed }]) => isListed);
      const kills = reachable.map(([identity, { name }]): Effect => ({ kind: "forceStop", identity, name }));
      // There is no time left for an order.
      const told = tell(moved, () => true);
      // The kill comes first: a slow control/t would hold it up.
      const reminders = remindEach(moved);
      const effects = [
        warning(`unable to stop ${names} in time, sending kill`),
        ...told.effects,
        ...kills,
        ...reminders,
      ];
      return { state: told.state, effects };
    }
    case "kill": {
      const kills = left.flatMap(({ runsv }): readonly Effect[] =>
        runsv.kind === "leaving" ? [{ kind: "signal", pid: runsv.pid, signal: "SIGKILL" }] : [],
      );
      const effects: readonly Effect[] = [warning(`unable to stop ${names}, killing runsv`), ...kills];
      const end: Effect = { kind: "end", code: phase.code };
      return { state: { ...state, phase: { kind: "ended" } }, effects: [...effects, end] };
    }
    default:
      return next.move satisfies never;
  }
}

type Stopping = Phase & { readonly kind: "stopping" };

/** A runsv is gone: a stop goes on with those it depended on, and is over the moment the last one is gone. */
export function afterLoss(state: State, effects: readonly Effect[]): Step {
  const { phase } = state;
  if (phase.kind !== "stopping") return { state, effects };
  if (state.services.size > 0) {
    const told = tellNext(state, phase.needs);
    return { state: told.state, effects: [...effects, ...told.effects] };
  }
  return {
    state: { ...state, phase: { kind: "ended" } },
    effects: [...effects, { kind: "end", code: phase.code }],
  };
}

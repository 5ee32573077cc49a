import { listNames } from "@upkeep/program/core/name-list";
import { isRepetition } from "@upkeep/program/core/repetition";

import type { Effect, EndSignal } from "./event.ts";
import { entriesOf, valuesOf } from "./shared-map.ts";
import { put, same, termOnce, warning, type Phase, type Runsv, type Service, type State, type Step } from "./state.ts";
import { nextToStop, type Needs } from "./stop-order.ts";
import { beginStop, moveStop } from "./stop-progress.ts";

/** Exit code after HUP. Source: runit 2.1.2. */
const hungUp = 111;

type Stopping = Phase & { readonly kind: "stopping" };

/**
 * A signal asks for the end.
 *
 * As in runit, TERM leaves the services running under their runsv, and HUP tells each runsv to go and waits for none.
 * An orderly stop waits for all; a later signal shortens it.
 */
export function signalled(state: State, signal: EndSignal, isTyped: boolean, needs: Needs, at: number): Step {
  const { phase, policy, services } = state;
  if (phase.kind === "ended") return same(state);
  if (phase.kind === "stopping") {
    if (isRepetition(phase.stop.askedAt, at)) return same(state);
    return continueStop(state, { ...phase, stop: { ...phase.stop, askedAt: at, deadline: at } }, at);
  }
  if (policy.isOrderly || (signal === "SIGINT" && isTyped)) return stopAll(state, needs, 0, at);
  const ended: State = { ...state, phase: { kind: "ended" } };
  if (signal === "SIGINT") return { state: ended, effects: [{ kind: "die", signal }] };
  if (signal === "SIGTERM") return { state: ended, effects: [{ kind: "end", code: 0 }] };
  const terms = valuesOf(services).flatMap(({ runsv }) => termOnce(runsv));
  const effects: readonly Effect[] = [...terms, ...remindEach(state)];
  return { state: ended, effects: [...effects, { kind: "end", code: hungUp, awaitsEngines: true }] };
}

/** A critical service has failed or ended for good. An orderly stop follows, if a stop is to be orderly. */
export function criticalEnded(state: State, name: string, code: number, needs: Needs, at: number): Step {
  if (state.phase.kind !== "supervising") return same(state);
  const what = `critical service ${name} has ended with exit code ${code}`;
  if (!state.policy.isOrderly) {
    const why = "nothing is stopped, as that takes --orderly or process 1";
    return { state, effects: [warning(`${what}; ${why}`)] };
  }
  const stopped = stopAll(state, needs, code, at);
  const report: Effect = { kind: "reportCritical", name, code };
  return { state: stopped.state, effects: [warning(`${what}, stopping all services`), report, ...stopped.effects] };
}

/**
 * The parent says that the time for an orderly stop is over. The kernel may deliver that before the TERM that was sent
 * earlier: then the stop begins with no time left.
 */
export function timeOver(state: State, needs: Needs, at: number): Step {
  const { phase, policy } = state;
  if (phase.kind === "stopping" && phase.stop.stage === "asked") {
    return continueStop(state, { ...phase, stop: { ...phase.stop, deadline: at } }, at);
  }
  const isEarly = phase.kind === "supervising" && policy.isOrderly;
  return isEarly ? stopAll({ ...state, policy: { ...policy, stopTimeout: 0 } }, needs, 0, at) : same(state);
}

function stopAll(state: State, needs: Needs, code: number, at: number): Step {
  const stop = beginStop(at, state.policy.stopTimeout);
  return afterLoss({ ...state, phase: { kind: "stopping", stop, needs, code } }, remindEach(state));
}

/** A runsv is gone: the stop goes on with the services that it depended on, and ends when no runsv is left. */
export function afterLoss(state: State, effects: readonly Effect[]): Step {
  const { phase } = state;
  if (phase.kind !== "stopping") return { state, effects };
  if (state.services.size === 0) {
    return { state: { ...state, phase: { kind: "ended" } }, effects: [...effects, { kind: "end", code: phase.code }] };
  }
  const asked = askNext(state, phase.needs);
  return { state: asked.state, effects: [...effects, ...asked.effects] };
}

/** Asks those to leave on which no service depends that is still there. */
function askNext(state: State, needs: Needs): Step {
  if (state.running === 0 && state.due.length === 0) return same(state);
  const running = valuesOf(state.services).map((service) => ({
    name: service.name,
    isStopping: !awaitsItsTurn(service),
  }));
  const next = nextToStop(running, needs);
  return ask(state, ({ name }) => next.has(name));
}

function awaitsItsTurn({ runsv }: Service): boolean {
  return runsv.kind === "running" || runsv.kind === "none";
}

/** Sends TERM to a runsv. Where there is none, `./run` may live on without it: a last runsv ends that. */
function ask(state: State, isMeant: (service: Service) => boolean): Step {
  const asked = entriesOf(state.services).filter(([, service]) => isMeant(service) && awaitsItsTurn(service));
  const changed = asked.reduce(
    (next, [identity, service]) => put(next, identity, { ...service, runsv: afterAsking(service) }),
    state,
  );
  const effects = asked.flatMap(([identity, { name, runsv }]): readonly Effect[] =>
    runsv.kind === "none" ? [{ kind: "start", identity, name, isLast: true }] : termOnce(runsv),
  );
  return { state: changed, effects };
}

function afterAsking({ runsv }: Service): Runsv {
  return runsv.kind === "running"
    ? { kind: "leaving", pid: runsv.pid, isLast: false }
    : { kind: "starting", isLast: true };
}

/** A runsv that has been asked to leave may have been called back: by `sv up` of a person, or of another service. */
function remindEach({ services }: State): readonly Effect[] {
  return entriesOf(services).flatMap(([identity, { name, runsv, isListed }]): readonly Effect[] =>
    // A service whose entry is gone cannot be reached by its name any more.
    runsv.kind === "leaving" && isListed ? [{ kind: "remind", identity, name, pid: runsv.pid }] : [],
  );
}

/** Does what the stop's times say. */
export function continueStop(state: State, phase: Stopping, at: number): Step {
  const next = moveStop(phase.stop, at);
  const moved: State = { ...state, phase: { ...phase, stop: next.stop } };
  if (next.move === "wait") return same(moved);
  const names = listNames(
    valuesOf(state.services)
      .map(({ name }) => name)
      .toSorted(),
  );
  switch (next.move) {
    case "report":
      return { state: moved, effects: [warning(`waiting for ${names}`), ...remindEach(state)] };
    case "force":
      return force(moved, names);
    case "kill": {
      const kills = valuesOf(state.services).flatMap(({ runsv }): readonly Effect[] =>
        runsv.kind === "leaving" ? [{ kind: "signal", pid: runsv.pid, signal: "SIGKILL" }] : [],
      );
      const effects = [warning(`unable to stop ${names}, killing runsv`), ...kills];
      return {
        state: { ...state, phase: { kind: "ended" } },
        effects: [...effects, { kind: "end", code: phase.code }],
      };
    }
    default:
      return next.move satisfies never;
  }
}

/** Has all services killed. There is no time left for their order. */
function force(state: State, names: string): Step {
  const asked = ask(state, () => true);
  // A service whose entry is gone cannot be reached by its name any more.
  const kills = entriesOf(state.services).flatMap(([identity, { name, isListed }]): readonly Effect[] =>
    isListed ? [{ kind: "killService", identity, name }] : [],
  );
  // The kills come before the reminders: a slow control/t would delay them.
  const effects = [
    warning(`unable to stop ${names} in time, sending kill`),
    ...asked.effects,
    ...kills,
    ...remindEach(state),
  ];
  return { state: asked.state, effects };
}

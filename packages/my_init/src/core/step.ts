import { type SignalName, signals } from "@upkeep/linux/core/signals";
import type { Exit } from "@upkeep/linux/process/wait";

import { begin, servicesPause, started, startFailed, startNextScript } from "./boot.ts";
import type { EndedChild, Event } from "./event.ts";
import { after, info, same, type State, type Step, warning } from "./state.ts";
import { askAgain, beginStop, endIfGone, endedInStop, shutdownScriptsListed } from "./stop.ts";
import { stopDeadline, stopTick } from "./stop-time.ts";

/** What an event changes, and what is to be done about it. */
export function step(state: State, event: Event): Step {
  switch (event.kind) {
    case "begin":
      return begin(state);
    case "listed":
      if (state.phase.kind === "stopping") return shutdownScriptsListed(state, event.paths, event.at);
      return startNextScript(state, { set: event.set, current: null, rest: event.paths });
    case "started":
      return started(state, event.child, event.pid);
    case "startFailed":
      return startFailed(state, event, event.at);
    case "exited":
      return exited(state, event.children, event.at);
    case "signal":
      return signalled(state, event.signal, event.at);
    case "alive":
      return endIfGone(state, event.names, event.isReport);
    case "critical":
      return same({ ...state, isCritical: state.services !== 0 });
    case "tick":
      return tick(state, event.at);
    default:
      return event satisfies never;
  }
}

/** When {@link step} wants a tick; Infinity: never. */
export function nextDeadline(state: State): number {
  if (state.phase.kind === "stopping") return stopDeadline(state);
  return state.phase.kind === "running" ? state.servicesAt : Infinity;
}

function exited(state: State, children: readonly EndedChild[], at: number): Step {
  let result: Step = same(state);
  for (const child of children) result = after(result.effects, childEnded(result.state, child, at));
  if (result.state.phase.kind !== "stopping" || result.state.phase.step.kind !== "all") return result;
  // Only the system knows the adopted orphans.
  return { state: result.state, effects: [...result.effects, { kind: "listAlive", isReport: false }] };
}

function childEnded(state: State, { pid, exit }: EndedChild, at: number): Step {
  const { phase, services } = state;
  const code = codeOf(exit);
  if (pid === state.main) {
    const ended: State = { ...state, main: 0, code: state.code ?? code };
    const next = phase.kind === "stopping" ? endedInStop(ended, pid, code, at) : beginStop(ended, at, 0);
    return after([info(`${state.mainCommand} ${outcome(exit)}.`)], next);
  }
  if (phase.kind === "stopping") {
    return endedInStop({ ...state, services: pid === services ? 0 : services }, pid, code, at);
  }
  if (pid === services) return servicesEnded({ ...state, services: 0 }, exit, at);
  // Otherwise an adopted orphan: it has been reaped, and that is all.
  if (phase.kind !== "booting" || phase.queue.current?.pid !== pid) return same(state);
  const { current, ...queue } = phase.queue;
  if (code !== 0) {
    const dropped: State = { ...state, code, phase: { kind: "booting", queue: { ...queue, current: null } } };
    return after([warning(`${current.path} ${outcome(exit, "failed")}`)], beginStop(dropped, at, 0));
  }
  const reload = queue.set === "key" ? [] : [{ kind: "reloadEnvironment" } as const];
  return after(reload, startNextScript(state, { ...queue, current: null }));
}

/**
 * Without a main command the container is as long as its services; beside one they are started again, unless a critical
 * service has ended them.
 */
function servicesEnded(state: State, exit: Exit, at: number): Step {
  const effects = [warning(`runsvdir ${outcome(exit)}`)];
  if (state.mainCommand === null || state.isCritical) {
    return after(effects, beginStop({ ...state, code: codeOf(exit) }, at, 0));
  }
  return { state: { ...state, servicesAt: at + servicesPause }, effects };
}

/** The exit code that stands for an end: of a signal 128 and its number, as in a shell. */
function codeOf(exit: Exit): number {
  return exit.kind === "exited" ? exit.code : 128 + exit.signal;
}

/** How a program has ended. Like phusion's my_init, this says "failed" of a startup file only. */
function outcome(exit: Exit, verb: "exited" | "failed" = "exited"): string {
  return exit.kind === "exited" ? `${verb} with status ${exit.code}` : `was killed by signal ${exit.signal}`;
}

function signalled(state: State, signal: SignalName, at: number): Step {
  const { phase, stop, main, services } = state;
  if (phase.kind === "ended") return same(state);
  if (signal === "SIGTERM" || signal === "SIGINT") {
    return stop === null ? beginStop(state, at, signals[signal]) : askAgain(state, stop, at);
  }
  if (main !== 0) return { state, effects: [{ kind: "signal", pid: main, signal }] };
  const isRescan = signal === "SIGHUP" && state.mainCommand === null && services !== 0 && stop === null;
  return { state, effects: isRescan ? [{ kind: "signal", pid: services, signal: "SIGALRM" }] : [] };
}

function tick(state: State, at: number): Step {
  if (state.phase.kind === "stopping") return stopTick(state, at);
  if (state.phase.kind !== "running" || at < state.servicesAt) return same(state);
  // The time stays as a mark that this is not the first start.
  return {
    state: { ...state, servicesAt: at + servicesPause },
    effects: [{ kind: "start", child: { kind: "services" } }],
  };
}

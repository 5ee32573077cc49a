import { codeOfFailure } from "@upkeep/program/core/path-search";
import { reasonOf } from "@upkeep/linux/core/errno";
import { type SignalName, signals } from "@upkeep/linux/core/signals";
import type { Exit } from "@upkeep/linux/process/wait";

import {
  askAgain,
  beginStop,
  childInStop,
  endIfGone,
  stopListed,
  stopScriptFailed,
  stopTick,
  stopWakes,
} from "./stop.ts";
import type { Answer, Ended, Event, Subject } from "./event.ts";
import { after, info, type Result, type Row, same, type State, warning } from "./state.ts";

/** Time before runsvdir is started again, in ms. */
const pause = 1000;

/** What my_init does about an event. */
export function step(state: State, event: Event): Result {
  switch (event.kind) {
    case "begin":
      return begin(state);
    case "listed":
      if (state.phase.kind === "stopping") return stopListed(state, event.paths, event.at);
      return nextScript(state, { set: event.set, current: null, queue: event.paths });
    case "started":
      return started(state, event.subject, event.pid);
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
  if (state.phase.kind === "stopping") return stopWakes(state);
  return state.phase.kind === "running" ? state.servicesAt : Infinity;
}

/** The exit code that stands for an end: of a signal 128 and its number, as in a shell. */
function codeOf(exit: Exit): number {
  return exit.kind === "exited" ? exit.code : 128 + exit.signal;
}

function begin(state: State): Result {
  const queue = state.enableInsecureKey ? ["/usr/sbin/enable_insecure_key"] : [];
  return nextScript(state, { set: "key", current: null, queue });
}

/** Starts the next startup script, or whatever comes after the last one. */
function nextScript(state: State, row: Row): Result {
  const [path, ...queue] = row.queue;
  if (path !== undefined) {
    return {
      state: { ...state, phase: { kind: "booting", row: { ...row, current: { path, pid: 0 }, queue } } },
      effects: [info(`Running ${path}...`), { kind: "start", subject: { kind: "script", path } }],
    };
  }
  if (row.set === "rcLocal" || state.skipStartupFiles) return startServices(state);
  const set = row.set === "key" ? "startup" : "rcLocal";
  const phase = { kind: "booting", row: { set, current: null, queue: [] } } as const;
  return { state: { ...state, phase }, effects: [{ kind: "list", set }] };
}

function startServices(state: State): Result {
  const running: State = { ...state, phase: { kind: "running" } };
  if (state.skipRunit) return startMain(running);
  return {
    state: running,
    effects: [info("Booting runit daemon..."), { kind: "start", subject: { kind: "services" } }],
  };
}

function startMain(state: State): Result {
  if (state.mainCommand === null || state.isMainStarted) return same(state);
  return {
    state: { ...state, isMainStarted: true },
    effects: [info(`Running ${state.mainCommand}...`), { kind: "start", subject: { kind: "main" } }],
  };
}

function started(state: State, subject: Subject, pid: number): Result {
  switch (subject.kind) {
    case "script":
      return same({ ...state, phase: withPid(state, pid) });
    case "main":
      return same({ ...state, main: pid });
    case "services":
      return after([info(`Runit started as PID ${pid}`)], startMain({ ...state, services: pid, servicesAt: Infinity }));
    default:
      return subject satisfies never;
  }
}

function withPid({ phase }: State, pid: number): State["phase"] {
  const withIt = (row: Row): Row => (row.current === null ? row : { ...row, current: { ...row.current, pid } });
  if (phase.kind === "booting") return { ...phase, row: withIt(phase.row) };
  if (phase.kind === "stopping" && phase.step.kind === "scripts")
    return { ...phase, step: { ...phase.step, row: withIt(phase.step.row) } };
  return phase;
}

function startFailed(state: State, failed: Answer & { readonly kind: "startFailed" }, at: number): Result {
  const { subject, errno, isFork } = failed;
  const what = subject.kind === "script" ? subject.path : subject.kind === "main" ? state.mainCommand : "runsvdir";
  const effects = [warning(`unable to run ${what}: ${reasonOf(errno)}`)];
  const code = codeOfFailure(errno);
  if (state.phase.kind === "stopping") return after(effects, stopScriptFailed(state, code, at));
  // Services that have been there are waited for; those that never came are no container.
  const isAgain = subject.kind === "services" && (isFork || state.servicesAt !== Infinity);
  if (isAgain) return { state: { ...state, servicesAt: at + pause }, effects };
  return after(effects, beginStop({ ...state, code }, at, 0));
}

function exited(state: State, children: readonly Ended[], at: number): Result {
  let result: Result = same(state);
  for (const child of children) result = after(result.effects, childGone(result.state, child, at));
  if (result.state.phase.kind !== "stopping" || result.state.phase.step.kind !== "all") return result;
  // Orphans that were adopted are known to the system only.
  return { state: result.state, effects: [...result.effects, { kind: "lookAround", isReport: false }] };
}

function childGone(state: State, { pid, exit }: Ended, at: number): Result {
  const code = codeOf(exit);
  if (pid === state.main) {
    const ended: State = { ...state, main: 0, code: state.code ?? code };
    const effects = [info(`${state.mainCommand} ${outcome(exit)}.`)];
    return after(
      effects,
      state.phase.kind === "stopping" ? childInStop(ended, pid, code, at) : beginStop(ended, at, 0),
    );
  }
  if (state.phase.kind === "stopping")
    return childInStop({ ...state, services: pid === state.services ? 0 : state.services }, pid, code, at);
  if (pid === state.services) return servicesGone({ ...state, services: 0 }, exit, at);
  // Otherwise an orphan that was adopted: reaping it was all there was to do.
  if (state.phase.kind !== "booting" || state.phase.row.current?.pid !== pid) return same(state);
  const { row } = state.phase;
  if (code !== 0) {
    const effects = [warning(`${row.current?.path} ${outcome(exit)}`)];
    return after(effects, beginStop({ ...dropScript(state), code }, at, 0));
  }
  return after(row.set === "key" ? [] : [{ kind: "reloadEnvironment" }], nextScript(state, { ...row, current: null }));
}

function dropScript(state: State): State {
  const { phase } = state;
  return phase.kind === "booting" ? { ...state, phase: { ...phase, row: { ...phase.row, current: null } } } : state;
}

/**
 * Without a main command the container is as long as its services; beside one they are started again, unless it was a
 * critical service that ended them.
 */
function servicesGone(state: State, exit: Exit, at: number): Result {
  const effects = [warning(`runsvdir ${outcome(exit)}`)];
  if (state.mainCommand === null || state.isCritical) {
    return after(effects, beginStop({ ...state, code: codeOf(exit) }, at, 0));
  }
  return { state: { ...state, servicesAt: at + pause }, effects };
}

function outcome(exit: Exit): string {
  return exit.kind === "exited" ? `exited with status ${exit.code}` : `was killed by signal ${exit.signal}`;
}

function signalled(state: State, signal: SignalName, at: number): Result {
  if (state.phase.kind === "ended") return same(state);
  if (signal === "SIGTERM" || signal === "SIGINT") {
    return state.stop === null ? beginStop(state, at, signals[signal]) : askAgain(state, state.stop, at);
  }
  if (state.main !== 0) return { state, effects: [{ kind: "signal", pid: state.main, signal }] };
  const isRescan = signal === "SIGHUP" && state.mainCommand === null && state.services !== 0 && state.stop === null;
  return { state, effects: isRescan ? [{ kind: "signal", pid: state.services, signal: "SIGALRM" }] : [] };
}

function tick(state: State, at: number): Result {
  if (state.phase.kind === "stopping") return stopTick(state, at);
  if (state.phase.kind !== "running" || at < state.servicesAt) return same(state);
  // The time stays as a mark that this is not the first start.
  return { state: { ...state, servicesAt: at + pause }, effects: [{ kind: "start", subject: { kind: "services" } }] };
}

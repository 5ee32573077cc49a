import { deadlineOf, type StopStep } from "./budget.ts";
import type { Effect, ScriptSet } from "./event.ts";
import { after, info, type Result, same, type State, type Step, warning } from "./state.ts";

// The steps of a stop, each of which is left for the next: the main command, the files before the services' end, the
// services, the files after it, all that is left.

/** What is left after a kill before the stop goes on, in ms: only what hangs in the kernel takes longer. */
export const graceAfterKill = 200;

/** Runs the next file of a set, or goes on to what follows the set. */
export function nextScript(state: State, set: ScriptSet, paths: readonly string[], at: number): Result {
  const { phase } = state;
  const [path, ...queue] = paths;
  if (path === undefined || phase.kind !== "stopping" || phase.isForced) {
    return set === "preShutdown" ? enterServices(state, at) : enterAll(state, at);
  }
  const step: Step = { kind: "scripts", row: { set, current: { path, pid: 0 }, queue } };
  return {
    state: { ...state, phase: { ...phase, step } },
    effects: [info(`Running ${path}...`), { kind: "start", subject: { kind: "script", path } }],
  };
}

/** TERM for the main command. */
export function enterMain(state: State, at: number): Result {
  return after(
    [
      info(`Stopping ${state.mainCommand} (PID ${state.main})...`),
      { kind: "signal", pid: state.main, signal: "SIGTERM" },
      { kind: "signal", pid: state.main, signal: "SIGCONT" },
    ],
    wait(state, "main", { kind: "main" }, at),
  );
}

/** The main command is gone. */
export function enterPreShutdown(state: State, at: number): Result {
  return state.skipRunit ? enterAll(state, at) : enterScripts(state, "preShutdown", at);
}

function enterScripts(state: State, set: "preShutdown" | "postShutdown", at: number): Result {
  const waiting = wait(state, set, { kind: "scripts", row: { set, current: null, queue: [] } }, at);
  return { state: waiting.state, effects: [{ kind: "list", set }] };
}

/** The files before the services are done. */
export function enterServices(state: State, at: number): Result {
  if (state.services === 0) return enterPostShutdown(state, at);
  return after(
    [
      info(`Shutting down runit daemon (PID ${state.services})...`),
      { kind: "signal", pid: state.services, signal: "SIGTERM" },
    ],
    wait(state, "services", { kind: "services", isKilled: false }, at),
  );
}

/** Whoever stops while booting has never been up. */
export function enterPostShutdown(state: State, at: number): Result {
  const { phase } = state;
  const wasBooting = phase.kind === "booting" || (phase.kind === "stopping" && phase.step.kind === "startup");
  return wasBooting ? enterAll(state, at) : enterScripts(state, "postShutdown", at);
}

/** TERM for everybody who is left. */
export function enterAll(state: State, at: number): Result {
  if (!state.killAllOnExit) return end(state);
  const waiting = wait(state, "all", { kind: "all" }, at);
  return {
    state: waiting.state,
    effects: [
      info("Killing all processes..."),
      { kind: "signalAll", signal: "SIGTERM" },
      // What is stopped gets TERM only when it goes on.
      { kind: "signalAll", signal: "SIGCONT" },
      { kind: "lookAround", isReport: false },
    ],
  };
}

/** Says of whom a stop gives up waiting, and kills it. */
export function kill(what: string, pid: number): readonly Effect[] {
  return [
    warning(`unable to stop ${what} (PID ${pid}) in time, sending kill`),
    { kind: "signal", pid, signal: "SIGKILL" },
  ];
}

/** Nothing is left to be done. */
export function end(state: State): Result {
  // A main command that is still there has outlived a KILL, which is what has become of it.
  const code = state.code ?? (state.main === 0 ? 0 : 128 + 9);
  return {
    state: { ...state, phase: { kind: "ended" } },
    effects: [{ kind: "end", code: code === 0 ? state.scriptCode : code }],
  };
}

/** Is in a step, as long as its share of the time allows. */
export function wait(state: State, name: StopStep, step: Step, at: number): Result {
  const { since = at, haste = 0 } = state.stop ?? {};
  const deadline = deadlineOf(name, state.budget, since, at, haste > 0);
  return same({ ...state, phase: { kind: "stopping", step, deadline, isForced: false } });
}

import { deadlineOf, type TimedStep } from "./budget.ts";
import type { Effect, ScriptSet } from "./event.ts";
import { after, info, same, type State, type Step, type StopStep, warning } from "./state.ts";

// The steps of a stop, in their order: the main command, the scripts before the services' end, the services, the scripts
// after it, all that is left.

/** Time between a kill and the next step, in ms: only a process that hangs in the kernel takes longer to end. */
export const graceAfterKill = 200;

/** Starts the next script of a set, or goes on to what follows the set. */
export function startNextShutdownScript(state: State, set: ScriptSet, paths: readonly string[], at: number): Step {
  const { phase } = state;
  const [path, ...rest] = paths;
  if (path === undefined || phase.kind !== "stopping" || phase.isForced) {
    return set === "preShutdown" ? enterServices(state, at) : enterAll(state, at);
  }
  const step: StopStep = { kind: "scripts", queue: { set, current: { path, pid: 0 }, rest } };
  return {
    state: { ...state, phase: { ...phase, step } },
    effects: [info(`Running ${path}...`), { kind: "start", child: { kind: "script", path } }],
  };
}

/** TERM for the main command. */
export function enterMain(state: State, at: number): Step {
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
export function enterPreShutdown(state: State, at: number): Step {
  return state.skipRunit ? enterAll(state, at) : enterScripts(state, "preShutdown", at);
}

function enterScripts(state: State, set: "preShutdown" | "postShutdown", at: number): Step {
  const waiting = wait(state, set, { kind: "scripts", queue: { set, current: null, rest: [] } }, at);
  return { state: waiting.state, effects: [{ kind: "list", set }] };
}

/** TERM for runsvdir, where it runs. */
export function enterServices(state: State, at: number): Step {
  if (state.services === 0) return enterPostShutdown(state, at);
  return after(
    [
      info(`Shutting down runit daemon (PID ${state.services})...`),
      { kind: "signal", pid: state.services, signal: "SIGTERM" },
    ],
    wait(state, "services", { kind: "services", isKilled: false }, at),
  );
}

/** A container that stops while booting has never been up. */
export function enterPostShutdown(state: State, at: number): Step {
  const { phase } = state;
  const wasBooting = phase.kind === "booting" || (phase.kind === "stopping" && phase.step.kind === "startup");
  return wasBooting ? enterAll(state, at) : enterScripts(state, "postShutdown", at);
}

/** TERM for all that is left. */
export function enterAll(state: State, at: number): Step {
  if (!state.killAllOnExit) return end(state);
  const waiting = wait(state, "all", { kind: "all" }, at);
  return {
    state: waiting.state,
    effects: [
      info("Killing all processes..."),
      { kind: "signalAll", signal: "SIGTERM" },
      // A process that is stopped (STOP) receives TERM only when it goes on.
      { kind: "signalAll", signal: "SIGCONT" },
      { kind: "listAlive", isReport: false },
    ],
  };
}

/** Says that a stop waits no longer for a process, and kills it. */
export function kill(what: string, pid: number): readonly Effect[] {
  return [
    warning(`unable to stop ${what} (PID ${pid}) in time, sending kill`),
    { kind: "signal", pid, signal: "SIGKILL" },
  ];
}

/** Nothing is left to do. */
export function end(state: State): Step {
  // A main command that is still there has had a KILL: that is its end.
  const code = state.code ?? (state.main === 0 ? 0 : 128 + 9);
  return {
    state: { ...state, phase: { kind: "ended" } },
    effects: [{ kind: "end", code: code === 0 ? state.scriptCode : code }],
  };
}

/** Waits for a step, as long as the budget allows. */
export function wait(state: State, name: TimedStep, step: StopStep, at: number): Step {
  const { since = at, haste = 0 } = state.stop ?? {};
  const deadline = deadlineOf(name, state.budget, since, at, haste > 0);
  return same({ ...state, phase: { kind: "stopping", step, deadline, isForced: false } });
}

import { reasonOf } from "@upkeep/linux/core/errno";
import { codeOfFailure } from "@upkeep/program/core/path-search";

import type { Child, StartOutcome } from "./event.ts";
import { after, info, same, warning, type ScriptQueue, type State, type Step } from "./state.ts";
import { beginStop, shutdownScriptFailed } from "./stop.ts";

/** Time before runsvdir is started again, in ms. */
export const servicesPause = 1000;

export function begin(state: State): Step {
  const rest = state.enableInsecureKey ? ["/usr/sbin/enable_insecure_key"] : [];
  return startNextScript(state, { set: "key", current: null, rest });
}

/** Starts the next startup script, or whatever comes after the last one. */
export function startNextScript(state: State, queue: ScriptQueue): Step {
  const [path, ...rest] = queue.rest;
  if (path !== undefined) {
    return {
      state: { ...state, phase: { kind: "booting", queue: { ...queue, current: { path, pid: 0 }, rest } } },
      effects: [info(`Running ${path}...`), { kind: "start", child: { kind: "script", path } }],
    };
  }
  if (queue.set === "rcLocal" || state.skipStartupFiles) return startServices(state);
  const set = queue.set === "key" ? "startup" : "rcLocal";
  const phase = { kind: "booting", queue: { set, current: null, rest: [] } } as const;
  return { state: { ...state, phase }, effects: [{ kind: "list", set }] };
}

function startServices(state: State): Step {
  const running: State = { ...state, phase: { kind: "running" } };
  if (state.skipRunit) return startMain(running);
  return {
    state: running,
    effects: [info("Booting runit daemon..."), { kind: "start", child: { kind: "services" } }],
  };
}

function startMain(state: State): Step {
  if (state.mainCommand === null || state.isMainStarted) return same(state);
  return {
    state: { ...state, isMainStarted: true },
    effects: [info(`Running ${state.mainCommand}...`), { kind: "start", child: { kind: "main" } }],
  };
}

export function started(state: State, child: Child, pid: number): Step {
  switch (child.kind) {
    case "script":
      return same({ ...state, phase: withPid(state, pid) });
    case "main":
      return same({ ...state, main: pid });
    case "services":
      return after([info(`Runit started as PID ${pid}`)], startMain({ ...state, services: pid, servicesAt: Infinity }));
    default:
      return child satisfies never;
  }
}

/** The phase in which the current script has its pid. */
function withPid({ phase }: State, pid: number): State["phase"] {
  const withIt = (queue: ScriptQueue): ScriptQueue =>
    queue.current === null ? queue : { ...queue, current: { ...queue.current, pid } };
  if (phase.kind === "booting") return { ...phase, queue: withIt(phase.queue) };
  if (phase.kind !== "stopping" || phase.step.kind !== "scripts") return phase;
  return { ...phase, step: { ...phase.step, queue: withIt(phase.step.queue) } };
}

export function startFailed(state: State, failed: StartOutcome & { readonly kind: "startFailed" }, at: number): Step {
  const { child, errno, isFork } = failed;
  const what = child.kind === "script" ? child.path : child.kind === "main" ? state.mainCommand : "runsvdir";
  const effects = [warning(`unable to run ${what}: ${reasonOf(errno)}`)];
  const code = codeOfFailure(errno);
  if (state.phase.kind === "stopping") return after(effects, shutdownScriptFailed(state, code, at));
  // Services that have run before are waited for. Without services that can run there is no container.
  const isAgain = child.kind === "services" && (isFork || state.servicesAt !== Infinity);
  if (isAgain) return { state: { ...state, servicesAt: at + servicesPause }, effects };
  return after(effects, beginStop({ ...state, code }, at, 0));
}

import type { Command } from "@upkeep/supervise/command";
import type { SignalName } from "@upkeep/syscalls/signal";

import type { Effect } from "./effect.ts";
import type { Moment, ScriptLetter, Slot } from "./slot.ts";

type SignalLetter = Exclude<ScriptLetter, "u" | "t" | "d" | "x">;

const signals: Readonly<Record<SignalLetter, SignalName>> = {
  k: "SIGKILL",
  p: "SIGSTOP",
  c: "SIGCONT",
  h: "SIGHUP",
  a: "SIGALRM",
  i: "SIGINT",
  q: "SIGQUIT",
  "1": "SIGUSR1",
  "2": "SIGUSR2",
};

/** Carries out a command on a slot. */
export function obey(slot: Slot, command: Command, at: Moment, effects: Effect[]): Slot {
  switch (command) {
    case "up":
      return { ...slot, want: "up" };
    case "down":
      return stop({ ...withoutOnce(slot), want: "down" }, at, effects);
    case "once":
      return once({ ...slot, want: "down" });
    case "exit":
      // A logger ends when its service has: see supervisor.ts.
      return slot.name === "log" ? slot : stop({ ...withoutOnce(slot), want: "exit" }, at, effects);
    case "term":
      return stop(slot, at, effects);
    case "kill":
      return kill(slot, at, effects);
    case "pause":
      return signal(slot, "p", effects);
    case "cont":
      return signal(slot, "c", effects);
    case "hup":
      return signal(slot, "h", effects);
    case "alarm":
      return signal(slot, "a", effects);
    case "interrupt":
      return signal(slot, "i", effects);
    case "quit":
      return signal(slot, "q", effects);
    case "1":
    case "2":
      return signal(slot, command, effects);
    default:
      return command satisfies never;
  }
}

function once(slot: Slot): Slot {
  return slot.state.kind === "down" ? { ...slot, state: { ...slot.state, isOnce: true } } : slot;
}

function withoutOnce(slot: Slot): Slot {
  return slot.state.kind === "down" ? { ...slot, state: { ...slot.state, isOnce: false } } : slot;
}

/** TERM or what control/t does instead; then, when the service is not wanted up, CONT and control/d or control/x. */
function stop(slot: Slot, at: Moment, effects: Effect[]): Slot {
  if (slot.state.kind !== "run") return slot;
  if (slot.name === "service") return runScript(slot, "t", effects);
  return resume(terminate(slot, at, effects), effects);
}

/** KILL: to the process of `./run`, to `./finish` and its group, to what is left of a group. */
function kill(slot: Slot, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  switch (state.kind) {
    case "run":
      return signal(slot, "k", effects);
    case "finish":
      effects.push({ kind: "killFinish", process: state.process });
      return slot;
    case "leftovers":
      return { ...slot, state: { ...state, killAt: at.monotonic, pollAt: Math.min(state.pollAt, at.monotonic) } };
    case "down":
    case "starting":
    case "ended":
      return slot;
    default:
      return state satisfies never;
  }
}

function signal(slot: Slot, letter: SignalLetter, effects: Effect[]): Slot {
  if (slot.state.kind !== "run") return slot;
  return slot.name === "log" ? send(slot, letter, false, effects) : runScript(slot, letter, effects);
}

function runScript(slot: Slot, letter: ScriptLetter, effects: Effect[]): Slot {
  effects.push({ kind: "runScript", letter });
  return { ...slot, script: letter };
}

/** A control script has ended, or there is none: what it was asked about goes on. */
export function scriptDone(slot: Slot, replacesSignal: boolean, at: Moment, effects: Effect[]): Slot {
  const { script } = slot;
  const idle: Slot = { ...slot, script: null };
  switch (script) {
    case null:
      return slot;
    case "u":
      effects.push({ kind: "startRun", slot: slot.name });
      return idle;
    case "t":
      return afterTerm(replacesSignal ? idle : terminate(idle, at, effects), effects);
    case "d":
    case "x":
      return idle;
    default:
      return send(idle, script, replacesSignal, effects);
  }
}

function terminate(slot: Slot, at: Moment, effects: Effect[]): Slot {
  const { state } = slot;
  if (state.kind !== "run") return slot;
  effects.push({ kind: "signal", pid: state.process.pid, signal: "SIGTERM" });
  const timeout = state.settings.timeoutKill ?? 0;
  const killAt = timeout === 0 ? state.killAt : Math.min(state.killAt, at.monotonic + timeout);
  return { ...slot, gotTerm: true, state: { ...state, killAt } };
}

function afterTerm(slot: Slot, effects: Effect[]): Slot {
  if (slot.want === "up") return slot;
  return runScript(resume(slot, effects), slot.want === "down" ? "d" : "x", effects);
}

/** A paused service would not see its TERM. Where it is to run again, runit leaves that to the operator. */
function resume(slot: Slot, effects: Effect[]): Slot {
  if (slot.want !== "up" && slot.state.kind === "run") {
    effects.push({ kind: "signal", pid: slot.state.process.pid, signal: "SIGCONT" });
  }
  return slot;
}

function send(slot: Slot, letter: SignalLetter, replacesSignal: boolean, effects: Effect[]): Slot {
  if (slot.state.kind !== "run") return slot;
  if (!replacesSignal) effects.push({ kind: "signal", pid: slot.state.process.pid, signal: signals[letter] });
  if (letter === "p") return replacesSignal ? slot : { ...slot, isPaused: true };
  // A script that took the place of CONT has resumed the service in its own way.
  return letter === "c" ? { ...slot, isPaused: false } : slot;
}

import type { Command } from "@upkeep/supervise/core/command";
import type { SignalName } from "@upkeep/linux/core/signals";

import type { Effect } from "./effect.ts";
import type { Asked } from "./policy.ts";
import { after, type Moment } from "./moment.ts";
import type { ScriptLetter, Slot } from "./slot.ts";
import { stopWaiting } from "./starting.ts";

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

/** Their numbers, which an end by them shows. Source: signal(7), x86 and ARM. */
const numbers: Readonly<Record<SignalLetter, number>> = {
  k: 9,
  p: 19,
  c: 18,
  h: 1,
  a: 14,
  i: 2,
  q: 3,
  "1": 10,
  "2": 12,
};

/** Carries out a command on a slot. */
export function obey(slot: Slot, command: Command, at: Moment, effects: Effect[]): Slot {
  switch (command) {
    case "up":
      return { ...afresh(slot, at), want: "up" };
    case "down":
      return stop({ ...withoutOnce(slot, at, effects), want: "down" }, at, effects);
    case "once":
      return once({ ...afresh(slot, at), want: "down" });
    case "exit":
      // A logger ends when its service has: see supervisor.ts.
      return slot.name === "log" ? slot : stop({ ...withoutOnce(slot, at, effects), want: "exit" }, at, effects);
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

/** Whoever asks for a start has dealt with what went wrong: no failure counts any more, and no pause has grown. */
function afresh(slot: Slot, at: Moment): Slot {
  const { state } = slot;
  if (state.kind !== "down") return slot;
  const fresh: Slot = { ...slot, outcome: null, failures: [], delay: null };
  if (state.soonestAt >= state.startAt) return fresh;
  const wait = Math.max(0, state.soonestAt - at.monotonic);
  const startsWhen = wait === 0 ? null : after(at, wait);
  return { ...fresh, state: { ...state, startAt: state.soonestAt, startsWhen } };
}

function once(slot: Slot): Slot {
  const { state } = slot;
  if (state.kind !== "down" && state.kind !== "waiting") return slot;
  return { ...slot, state: { ...state, isOnce: true } };
}

function withoutOnce(slot: Slot, at: Moment, effects: Effect[]): Slot {
  const idle = stopWaiting(slot, at, effects);
  return idle.state.kind === "down" ? { ...idle, state: { ...idle.state, isOnce: false } } : idle;
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
    case "waiting":
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
      return afterTerm(replacesSignal ? ask(killLater(idle, at), "anything") : terminate(idle, at, effects), effects);
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
  const { downSignal } = state.settings;
  effects.push({ kind: "signal", pid: state.process.pid, signal: downSignal });
  return ask({ ...killLater(slot, at), gotTerm: true }, downSignal, "exit");
}

/** Begins `timeout-kill`, whoever has sent the signal, unless it runs already. */
function killLater(slot: Slot, at: Moment): Slot {
  const { state } = slot;
  if (state.kind !== "run") return slot;
  const timeout = state.settings.timeoutKill ?? 0;
  if (timeout === 0) return slot;
  return { ...slot, state: { ...state, killAt: Math.min(state.killAt, at.monotonic + timeout) } };
}

/** From now on such an end of `./run` is what somebody has asked for. */
function ask(slot: Slot, ...asked: readonly Asked[]): Slot {
  return { ...slot, asked: [...new Set([...slot.asked, ...asked])] };
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

function send(before: Slot, letter: SignalLetter, replacesSignal: boolean, effects: Effect[]): Slot {
  if (before.state.kind !== "run") return before;
  if (!replacesSignal) effects.push({ kind: "signal", pid: before.state.process.pid, signal: signals[letter] });
  const slot = ask(before, replacesSignal ? "anything" : numbers[letter]);
  if (letter === "p") return replacesSignal ? slot : { ...slot, isPaused: true };
  // A script that took the place of CONT has resumed the service in its own way.
  return letter === "c" ? { ...slot, isPaused: false } : slot;
}

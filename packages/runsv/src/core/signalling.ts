import type { AskedEnd } from "@upkeep/supervise/core/state-json";
import { signals, type SignalName } from "@upkeep/linux/core/signals";

import type { Effect } from "./effect.ts";
import type { Moment } from "./moment.ts";
import type { ScriptLetter, Slot } from "./slot.ts";
import { andThen, stepTo, type SlotStep } from "./slot-step.ts";

// Signals to a running `./run`. Of a service, control/LETTER runs first, and its success takes the place of the signal.

/** The letters whose signal is always the same. TERM is not among them: `down-signal` may replace it. */
type SignalLetter = Exclude<ScriptLetter, "u" | "t" | "d" | "x">;

const signalOf: Readonly<Record<SignalLetter, SignalName>> = {
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

/** TERM, or control/t; then, unless the service is wanted up, CONT and control/d or control/x. */
export function stopRun(slot: Slot, at: Moment): SlotStep {
  if (slot.state.kind !== "run") return stepTo(slot);
  return slot.name === "service" ? runScript(slot, "t") : andThen(terminate(slot, at), resume);
}

/** Sends the signal of a letter, or runs its control script. */
export function sendSignal(slot: Slot, letter: SignalLetter): SlotStep {
  if (slot.state.kind !== "run") return stepTo(slot);
  return slot.name === "log" ? send(slot, letter, false) : runScript(slot, letter);
}

function runScript(slot: Slot, letter: ScriptLetter): SlotStep {
  return stepTo({ ...slot, script: letter }, { kind: "runScript", letter });
}

/** A control script other than control/u has ended, or there is none: the slot goes on with what the script was for. */
export function controlScriptDone(
  slot: Slot,
  script: Exclude<ScriptLetter, "u">,
  replacesSignal: boolean,
  at: Moment,
): SlotStep {
  const idle: Slot = { ...slot, script: null };
  switch (script) {
    case "t":
      return andThen(replacesSignal ? stepTo(ask(killLater(idle, at), "anything")) : terminate(idle, at), afterTerm);
    case "d":
    case "x":
      return stepTo(idle);
    default:
      return send(idle, script, replacesSignal);
  }
}

function terminate(slot: Slot, at: Moment): SlotStep {
  const { state } = slot;
  if (state.kind !== "run") return stepTo(slot);
  const { downSignal } = state.settings;
  const terminated = ask({ ...killLater(slot, at), gotTerm: true }, downSignal, "exit");
  return stepTo(terminated, { kind: "signal", pid: state.process.pid, signal: downSignal });
}

/** Begins `timeout-kill` unless it runs already. It counts also where a control script has sent the signal. */
function killLater(slot: Slot, at: Moment): Slot {
  const { state } = slot;
  if (state.kind !== "run") return slot;
  const timeout = state.settings.timeoutKill ?? 0;
  if (timeout === 0) return slot;
  return { ...slot, state: { ...state, killAt: Math.min(state.killAt, at.monotonic + timeout) } };
}

/** From now on `./run` ends on request when it ends in one of these ways. */
function ask(slot: Slot, ...asked: readonly AskedEnd[]): Slot {
  return { ...slot, asked: [...new Set([...slot.asked, ...asked])] };
}

function afterTerm(slot: Slot): SlotStep {
  if (slot.want === "up") return stepTo(slot);
  return andThen(resume(slot), (resumed) => runScript(resumed, slot.want === "down" ? "d" : "x"));
}

/** A paused service would not see its TERM. Where it is to run again, runit leaves CONT to the operator, and so do we. */
function resume(slot: Slot): SlotStep {
  if (slot.want === "up" || slot.state.kind !== "run") return stepTo(slot);
  return stepTo(slot, { kind: "signal", pid: slot.state.process.pid, signal: "SIGCONT" });
}

function send(before: Slot, letter: SignalLetter, replacesSignal: boolean): SlotStep {
  const { state } = before;
  if (state.kind !== "run") return stepTo(before);
  const signal = signalOf[letter];
  const effects: readonly Effect[] = replacesSignal ? [] : [{ kind: "signal", pid: state.process.pid, signal }];
  const slot = ask(before, replacesSignal ? "anything" : signals[signal]);
  if (letter === "p" && !replacesSignal) return stepTo({ ...slot, isPaused: true }, ...effects);
  // A script that takes the place of CONT resumes the service in its own way.
  if (letter === "c") return stepTo({ ...slot, isPaused: false }, ...effects);
  return stepTo(slot, ...effects);
}

import type { Command } from "@upkeep/supervise/core/command";

import { after, type Moment } from "./moment.ts";
import { none } from "./none.ts";
import { sendSignal, stopRun } from "./signalling.ts";
import type { Slot } from "./slot.ts";
import { andThen, stepTo, type SlotStep } from "./slot-step.ts";
import { stopWaiting } from "./starting.ts";

/** Carries out a command on a slot. */
export function obey(slot: Slot, command: Command, at: Moment): SlotStep {
  switch (command) {
    case "up":
      return stepTo({ ...forgetFailures(slot, at), want: "up" });
    case "down":
      return putDown(slot, "down", at);
    case "once":
      return stepTo(startOnce({ ...forgetFailures(slot, at), want: "down" }));
    case "exit":
      // A logger ends when its service has ended: see supervisor.ts.
      return slot.name === "log" ? stepTo(slot) : putDown(slot, "exit", at);
    case "term":
      return stopRun(slot, at);
    case "kill":
      return kill(slot, at);
    case "pause":
      return sendSignal(slot, "p");
    case "cont":
      return sendSignal(slot, "c");
    case "hup":
      return sendSignal(slot, "h");
    case "alarm":
      return sendSignal(slot, "a");
    case "interrupt":
      return sendSignal(slot, "i");
    case "quit":
      return sendSignal(slot, "q");
    case "1":
    case "2":
      return sendSignal(slot, command);
    default:
      return command satisfies never;
  }
}

/** An operator who asks for a start has dealt with what went wrong: failures do not count any more, the pause is short. */
function forgetFailures(slot: Slot, at: Moment): Slot {
  const { state } = slot;
  if (state.kind !== "down") return slot;
  const fresh: Slot = { ...slot, outcome: null, failures: none, delay: null };
  if (state.soonestAt >= state.startAt) return fresh;
  const pause = Math.max(0, state.soonestAt - at.monotonic);
  const startsWhen = pause === 0 ? null : after(at, pause);
  return { ...fresh, state: { ...state, startAt: state.soonestAt, startsWhen } };
}

function startOnce(slot: Slot): Slot {
  const { state } = slot;
  if (state.kind !== "down" && state.kind !== "waiting") return slot;
  return { ...slot, state: { ...state, isOnce: true } };
}

function putDown(slot: Slot, want: "down" | "exit", at: Moment): SlotStep {
  return andThen(stopWaiting(slot, at), (idle) => {
    const { state } = idle;
    const notOnce: Slot = state.kind === "down" ? { ...idle, state: { ...state, isOnce: false } } : idle;
    return stopRun({ ...notOnce, want }, at);
  });
}

/** KILL: to the process of `./run`, to `./finish` and its group, to leftovers. */
function kill(slot: Slot, at: Moment): SlotStep {
  const { state } = slot;
  switch (state.kind) {
    case "run":
      return sendSignal(slot, "k");
    case "finish":
      return stepTo(slot, { kind: "killFinish", process: state.process });
    case "leftovers": {
      const pollAt = Math.min(state.pollAt, at.monotonic);
      return stepTo({ ...slot, state: { ...state, killAt: at.monotonic, pollAt } });
    }
    case "down":
    case "waiting":
    case "starting":
    case "ended":
      return stepTo(slot);
    default:
      return state satisfies never;
  }
}

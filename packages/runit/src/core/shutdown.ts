import { reasonOf } from "@upkeep/linux/core/errno";
import type { MachineCommand } from "@upkeep/linux/process/process-one";

import type { Effect } from "./event.ts";
import { fatal, same, say, type State, type Step } from "./state.ts";

/**
 * Exit codes where the kernel does not let us end the container. They are what its parent would have seen: the kernel
 * ends a container by killing its process 1, with HUP for a restart and INT for the power.
 */
const restartCode = 129;
const powerOffCode = 130;

/** Stage 3 is over: all other processes are killed. */
export function beginEnd(state: State, effects: readonly Effect[]): Step {
  return {
    state: { ...state, phase: { kind: "ending" } },
    effects: [
      ...effects,
      say("sending KILL signal to all processes..."),
      { kind: "killAll" },
      { kind: "readShutdown" },
    ],
  };
}

export function shutDown(state: State, isAsked: boolean, isSynced: boolean): Step {
  const isReboot = isAsked && !state.isPowerFailing;
  const said = say(isReboot ? "system reboot." : "power off...");
  const command: Effect = { kind: "command", command: isReboot ? "restart" : "powerOff" };
  return { state, effects: isSynced ? [said, { kind: "sync" }, command] : [said, command] };
}

/** The kernel refused. Our own end still ends a container; a machine would panic, so there we stay. */
export function commandRefused(state: State, command: MachineCommand, errno: number): Step {
  const complaint = (verb: string): Effect => fatal(`unable to ${verb}: ${reasonOf(errno)}`);
  const end = (code: number): readonly Effect[] => (state.isContained ? [{ kind: "end", code }] : []);
  switch (command) {
    case "restart":
      return { state, effects: [complaint("reboot"), ...end(restartCode)] };
    case "powerOff":
      if (state.isContained) return { state, effects: [complaint("power off"), ...end(powerOffCode)] };
      return { state, effects: [complaint("power off"), say("system halt."), { kind: "command", command: "halt" }] };
    case "halt":
      return { state, effects: [complaint("halt")] };
    case "ctrlAltDelete":
      // A container has no such keys. runit says nothing either.
      return same(state);
    default:
      return command satisfies never;
  }
}

import type { Command } from "@upkeep/supervise/core/command";

/** The signals that a running service may survive without a change. */
const harmlessSignals: ReadonlySet<Command> = new Set(["cont", "pause"]);

/** Whether these commands may end a process, so that somebody must be asked first. */
export function isQuestioned([first = "up"]: readonly Command[], isRunning: boolean): boolean {
  return isRunning && first !== "up" && !harmlessSignals.has(first);
}

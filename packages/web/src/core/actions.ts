import { taskOf } from "@upkeep/client/core/commands";
import type { Command } from "@upkeep/supervise/core/command";

/** What can be done to a service, by the words of `sv`. What ends the supervisor itself is not among them. */
const actions: readonly string[] = [
  "start",
  "stop",
  "restart",
  "reload",
  "once",
  "pause",
  "cont",
  "hup",
  "alarm",
  "interrupt",
  "quit",
  "1",
  "2",
  "term",
  "kill",
];

/** The words, for documents and answers. */
export const actionWords: readonly string[] = actions;

/** The commands of an action, all of which are sent at once; null for a word that is none. */
export function commandsOf(action: string): readonly Command[] | null {
  if (!actions.includes(action)) return null;
  const task = taskOf(action, "sv");
  return task?.kind === "control" ? task.commands : null;
}

import { isQuestioned } from "@upkeep/client/core/question";
import { taskOf } from "@upkeep/client/core/commands";
import type { Snapshot } from "@upkeep/client/core/json";

/** Something that can be done to a service, by the word of `sv` that does the same. */
export interface Action {
  readonly word: string;
  readonly label: string;
  /** What it does, for whoever points at it, and for the question. */
  readonly hint: string;
}

/** Those with a button and a key of their own. */
export const mainActions: Readonly<Record<"start" | "stop" | "restart", Action>> = {
  start: { word: "start", label: "Start", hint: "Wanted up: start it, and start it again whenever it ends" },
  stop: { word: "stop", label: "Stop", hint: "Wanted down: TERM and CONT, and no start afterwards" },
  restart: { word: "restart", label: "Restart", hint: "TERM and CONT, then a new start" },
};

/** Those of the menu, by the letter that `sv` has for them. */
export const moreActions: readonly (Action & { readonly key: string })[] = [
  { key: "o", word: "once", label: "Once", hint: "Start it, and do not start it again when it ends" },
  { key: "h", word: "hup", label: "HUP", hint: "Most daemons read their configuration again" },
  { key: "p", word: "pause", label: "Pause", hint: "STOP: it keeps what it has and does nothing" },
  { key: "c", word: "cont", label: "Continue", hint: "CONT: it goes on" },
  { key: "a", word: "alarm", label: "ALRM", hint: "Sends ALRM" },
  { key: "i", word: "interrupt", label: "INT", hint: "Sends INT" },
  { key: "q", word: "quit", label: "QUIT", hint: "Sends QUIT; many programs dump core" },
  { key: "1", word: "1", label: "USR1", hint: "Sends USR1" },
  { key: "2", word: "2", label: "USR2", hint: "Sends USR2" },
  { key: "t", word: "term", label: "TERM", hint: "Sends TERM; it is started again" },
  { key: "k", word: "kill", label: "KILL", hint: "Ends it at once, with nothing written and nothing tidied" },
];

/** Whether a question comes first: where a process that runs may end. */
export function asksFirst({ word }: Action, { state }: Snapshot): boolean {
  const task = taskOf(word, "sv");
  const isRunning = "record" in state && state.record.pid !== 0;
  return task?.kind === "control" && isQuestioned(task.commands, isRunning);
}

/** Whether an action makes sense now; one that does not has a button that cannot be pressed. */
export function isPossible({ word }: Action, { state }: Snapshot): boolean {
  if (!("record" in state)) return false;
  const { record, details } = state;
  switch (word) {
    case "start":
      return record.want !== "up" || details.failed !== null || record.state !== "run" || details.want === "exit";
    case "stop":
      return record.want === "up" || record.pid !== 0;
    case "restart":
      return true;
    case "once":
      return record.state === "down";
    case "cont":
      return record.paused;
    default:
      return record.pid !== 0;
  }
}

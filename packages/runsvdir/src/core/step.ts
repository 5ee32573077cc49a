import { listed } from "./entries.ts";
import type { Event } from "./event.ts";
import { exited, startAnswered, startDue } from "./runsv.ts";
import { find } from "./shared-map.ts";
import { dueAt, same, type State, type Step } from "./state.ts";
import { continueStop, criticalEnded, signalled, timeOver } from "./stop.ts";
import { nextMove } from "./stop-progress.ts";

/** What an event changes, and what is to be done about it. */
export function step(state: State, event: Event): Step {
  switch (event.kind) {
    case "listed":
      return listed(state, event.listing, event.at);
    case "started":
    case "adopted":
    case "startFailed":
    case "entryChanged":
      return startAnswered(state, event.identity, event, event.at);
    case "exited":
      return exited(state, event.pid, event.end, event.at);
    case "signal":
      return signalled(state, event.signal, event.isTyped, event.needs, event.at);
    case "timeOver":
      return timeOver(state, event.needs, event.at);
    case "critical":
      return criticalEnded(state, event.name, event.code, event.needs, event.at);
    case "tick":
      if (state.phase.kind === "stopping") return continueStop(state, state.phase, event.at);
      return startDue(same(state), event.at);
    default:
      return event satisfies never;
  }
}

/** When the next `tick` is due; a moment in the past means: as soon as other events have had their turn. */
export function nextDeadline({ phase, services, due, pausedUntil }: State): number {
  if (phase.kind === "ended") return Infinity;
  if (phase.kind === "stopping") return nextMove(phase.stop);
  const [first] = due;
  const startAt = first === undefined ? null : dueAt(find(services, first) ?? null);
  return startAt === null ? Infinity : Math.max(startAt, pausedUntil);
}

import type { Exit } from "@upkeep/linux/process/wait";

import type { Effect } from "./event.ts";
import { isInStage2, pathOf, same, say, warn, type State, type Step } from "./state.ts";

const path = pathOf("ctrlaltdel");
const start: Effect = { kind: "start", script: "ctrlaltdel", newSession: false };

/** After INT, which means nothing without the script. */
export function ctrlAltDelFound(state: State, isThere: boolean): Step {
  if (!isThere) return same(state);
  const effects = [say("ctrl-alt-del request..."), say(`enter stage: ${path}`), start];
  return { state: { ...state, request: { kind: "starting" } }, effects };
}

/** The script could not be started. It is tried again at `until`; null: never. */
export function ctrlAltDelFailed(state: State, complaint: Effect, until: number | null): Step {
  if (until !== null) return { state: { ...state, request: { kind: "paused", until } }, effects: [complaint] };
  return done(state, [complaint]);
}

export function startRequestAgain(state: State): Step {
  return { state: { ...state, request: { kind: "starting" } }, effects: [start] };
}

/** The script has ended. It may have asked for the end of stage 2, as `runit-init` does before CONT. */
export function ctrlAltDelEnded(state: State, exit: Exit): Step {
  return done(state, exit.kind === "killed" ? [warn(`child crashed: ${path}`)] : []);
}

function done(state: State, effects: readonly Effect[]): Step {
  const said: readonly Effect[] = [...effects, say(`leave stage: ${path}`)];
  return {
    state: { ...state, request: { kind: "none" } },
    effects: isInStage2(state) ? [...said, { kind: "readStopRequest" }] : said,
  };
}

import type { Looked } from "@upkeep/client/core/usage";

import { keyPressed } from "./keys.ts";
import { addLines, follow } from "./pane.ts";
import { stay } from "./rows.ts";
import type { Past, Step, TopEvent, TopState } from "./state.ts";

/** How many looks a curve can show. */
const mostLooks = 60;

/** Takes one event. */
export function step(state: TopState, event: TopEvent): Step {
  switch (event.kind) {
    case "key":
      return keyPressed({ ...state, message: null }, event.key);
    case "resized": {
      const resized = { ...state, size: event.size };
      return { state: stay(resized), effects: [] };
    }
    case "looked": {
      const { nowSeconds, services, trouble } = event;
      const past = remember(state.past, services);
      return follow(stay({ ...state, nowSeconds, services, trouble, past }));
    }
    case "logged":
      return { state: { ...state, log: addLines(state.log, event) }, effects: [] };
    case "said":
      return { state: { ...state, message: event.message }, effects: [] };
    default:
      return event satisfies never;
  }
}

function remember(past: ReadonlyMap<string, Past>, services: readonly Looked[]): ReadonlyMap<string, Past> {
  const entries = services.flatMap(({ snapshot: { label }, use }): readonly (readonly [string, Past])[] => {
    if (use === null) return [];
    const { percents, bytes } = past.get(label) ?? { percents: [], bytes: [] };
    const further = use.percent === null ? percents : [...percents.slice(1 - mostLooks), use.percent];
    return [[label, { percents: further, bytes: [...bytes.slice(1 - mostLooks), use.residentBytes] }]];
  });
  return new Map(entries);
}

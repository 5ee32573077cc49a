import { setFlagsFromString } from "node:v8";

import { blockOutputs } from "../fd/descriptor.ts";

/**
 * Has V8 give memory back in the first quiet seconds. Where it takes that for not worth the while, it asks itself
 * again every 8 s, for ever. See runtime.bun.ts for all that there is to do on Bun.
 */
export function quietRuntime(..._kept: readonly (number | null)[]): void {
  blockOutputs();
  setFlagsFromString("--optimize-for-size");
}

/**
 * Which of the descriptors 0 to 2 were closed when this process was started. Node opens /dev/null
 * in their places, and nothing tells it from one that was inherited.
 */
export function closedAtStart(): readonly number[] {
  return [];
}

/** Whether the runtime has opened pipes for itself: one for signals, and one or two for each of its loops. */
export const opensPipes: boolean = true;

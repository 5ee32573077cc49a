import { setFlagsFromString } from "node:v8";

import { blockOutputs } from "../fd/descriptor.ts";
import { keptDescriptors } from "./handover.ts";
import { passOnInherited } from "./inherited-descriptors.ts";

/**
 * Makes V8 give memory back in the first quiet seconds. Otherwise V8 may find that not worth while, and then wakes every
 * 8 s, for ever, to decide again. Bun needs more: see runtime.bun.ts. Standard output and error block again, see
 * {@link blockOutputs}, and children inherit what we have inherited.
 *
 * @param named inherited descriptors above 2 that children do not get, as they do not get what was handed over to us.
 */
export function quietRuntime(_command: string, ...named: readonly (number | null)[]): void {
  blockOutputs();
  setFlagsFromString("--optimize-for-size");
  try {
    passOnInherited(opensPipes, [...named, ...keptDescriptors()]);
  } catch {
    // Without /proc nothing is known of them.
  }
}

/**
 * Which of the descriptors 0 to 2 were closed when this process was started. Not known: Node opens /dev/null in their
 * places, which looks like an inherited one.
 */
export function closedAtStart(): readonly number[] {
  return [];
}

/** Whether the runtime has opened pipes for itself: one for signals, and one or two for each of its loops. */
export const opensPipes: boolean = true;

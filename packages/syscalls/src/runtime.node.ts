/** Node wakes an idle daemon by nothing of its own, so there is nothing to do: see runtime.bun.ts. */
export function quietRuntime(_kept: number | null = null): void {}

/**
 * Which of the descriptors 0 to 2 were closed when this process was started. Node opens /dev/null
 * in their places, and nothing tells it from one that was inherited.
 */
export function closedAtStart(): readonly number[] {
  return [];
}

/** Whether the runtime has opened pipes for itself: one for signals, and one or two for each of its loops. */
export const opensPipes: boolean = true;

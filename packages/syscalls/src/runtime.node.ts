/** Node wakes an idle daemon by nothing of its own, so there is nothing to do: see runtime.bun.ts. */
export function quietRuntime(): void {}

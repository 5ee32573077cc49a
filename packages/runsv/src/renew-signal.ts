import type { SignalName } from "@upkeep/linux/core/signals";

/** Our runsvdir sends it to a runsv of ours that has a handler for it. Any other runsv would end by it. */
export const renewSignal: SignalName = "SIGUSR2";

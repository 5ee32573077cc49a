/**
 * The signal by which a parent tells `runsvdir --orderly` that the time for its stop is over. It means nothing else. It
 * follows TERM, so it harms no runsvdir that has no handler for it: one that is just starting, or runit's, ends at TERM.
 */
export const forceStopSignal = "SIGUSR2";

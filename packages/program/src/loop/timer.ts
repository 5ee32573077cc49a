/** The longest, in ms, that the runtimes' timers can be set to; with more they would fire at once. */
export const longestTimer: number = 2 ** 31 - 1;

/** Keeps this process alive though it waits for nothing but signals, which alone keep no runtime alive. */
export function stayAlive(): void {
  setInterval(() => {}, longestTimer);
}

/** Calls back once, after a time in ms; the result cancels that. */
export function later(action: () => void, millis: number): () => void {
  const timer = setTimeout(action, millis);
  return () => clearTimeout(timer);
}

/** The longest time in ms that the timers of the runtimes can hold. With more they fire at once. */
export const longestTimer: number = 2 ** 31 - 1;

/** Keeps this process alive while it waits for signals only, which keep no runtime alive. */
export function stayAlive(): void {
  setInterval(() => {}, longestTimer);
}

/** Calls back once, after a time in ms; the result cancels that. */
export function later(action: () => void, millis: number): () => void {
  const timer = setTimeout(action, millis);
  return () => clearTimeout(timer);
}

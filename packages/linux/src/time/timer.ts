/** The longest time in ms that the timers of the runtimes can hold. With more they fire at once. */
export const longestTimer: number = 2 ** 31 - 1;

/** Keeps this process alive while it waits for signals only, which keep no runtime alive. */
export function stayAlive(): void {
  setInterval(() => {}, longestTimer);
}

/** Blocks this thread, and with it the whole process, for so many ms. */
export function block(millis: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis);
}

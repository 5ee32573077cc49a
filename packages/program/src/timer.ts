/** The longest, in ms, that the runtimes' timers can be set to; with more they would fire at once. */
export const longestTimer: number = 2 ** 31 - 1;

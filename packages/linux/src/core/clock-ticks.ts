/** Milliseconds of a clock tick (USER_HZ, which is 100 on all that we run on). */
export const tickMillis = 10;

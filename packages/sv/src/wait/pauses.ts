/** runit's pause between two looks, in ms: all there is where no change can be seen coming. */
export const slowPause = 420;
/** The first pause, in ms, after a check that did not pass. */
export const checkPause = 50;
/** How the pauses between looks of one kind grow. */
export const growth = 1.6;

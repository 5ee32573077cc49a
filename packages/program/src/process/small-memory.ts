import type { Range } from "@upkeep/linux/core/mapped-code";
import { findCode, returnCode } from "@upkeep/linux/memory/code-pages";
import { lowerOutOfMemoryScore } from "@upkeep/linux/memory/out-of-memory-score";

/** A start is over after this time, in ms. */
const startTime = 1000;
/** Time for work that comes in one go, in ms. */
const pause = 200;

/**
 * When memory runs out, the kernel is to kill a worker and not its supervisor. So this asks the kernel for that, and
 * keeps little in memory. The result is to be called after each piece of work: a moment later the code is given back.
 */
export function keepMemorySmall(): () => void {
  lowerOutOfMemoryScore();
  let code: readonly Range[] | null = null;
  const later = (act: () => void): void => void setTimeout(act, code === null ? startTime : pause).unref();
  const onWork = onceLater(later, () => {
    const isFirst = code === null;
    code ??= findCode();
    returnCode(code);
    // To find it was work as well.
    if (isFirst) onWork();
  });
  return onWork;
}

/** Makes a function that has `act` called later. Further calls until then add nothing. */
export function onceLater(later: (act: () => void) => void, act: () => void): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    later(() => {
      isWaiting = false;
      act();
    });
  };
}

import type { Range } from "@upkeep/linux/core/mapped-code";
import { findCode, returnCode } from "@upkeep/linux/memory/code-pages";
import { lowerOutOfMemoryScore } from "@upkeep/linux/memory/out-of-memory-score";

/** A start is over after this time, in ms. */
const startTime = 1000;
/** Time without work after which the code is given back, in ms. Work that comes again sooner finds it in memory. */
const pause = 2000;

/**
 * When memory runs out, the kernel is to kill a worker and not its supervisor. So this asks the kernel for that, and
 * keeps little in memory. The result is to be called after each piece of work: when no more comes, code is given back.
 */
export function keepMemorySmall(): () => void {
  lowerOutOfMemoryScore();
  let code: readonly Range[] | null = null;
  const later = (act: () => void): void => void setTimeout(act, code === null ? startTime : pause).unref();
  const onWork = onceQuiet(later, () => {
    const isFirst = code === null;
    code ??= findCode();
    returnCode(code);
    // To find it was work as well.
    if (isFirst) onWork();
  });
  return onWork;
}

/** Makes a function that has `act` called later. A call meanwhile makes it wait once more. */
export function onceQuiet(later: (act: () => void) => void, act: () => void): () => void {
  let isWaiting = false;
  let isCalled = false;
  const wait = (): void =>
    later(() => {
      isWaiting = isCalled;
      isCalled = false;
      if (isWaiting) wait();
      else act();
    });
  return () => {
    if (isWaiting) isCalled = true;
    else wait();
    isWaiting = true;
  };
}

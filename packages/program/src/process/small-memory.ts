import type { Range } from "@upkeep/linux/core/mapped-code";
import { findCode, returnCode } from "@upkeep/linux/memory/code-pages";
import { collectGarbage } from "@upkeep/linux/memory/garbage";
import { lowerOutOfMemoryScore } from "@upkeep/linux/memory/out-of-memory-score";

/**
 * Time without work after which the code is given back, in ms. A service that fails soon after its start, or again and
 * again, finds the code in memory. A rescan of `runsvdir` that finds nothing new is no work: it touches a few pages.
 */
const pause = 3000;

/**
 * When memory runs out, the kernel is to kill a worker and not its supervisor. So this asks the kernel for that, and
 * keeps little in memory as {@link returnMemory} does.
 */
export function keepMemorySmall(): () => void {
  lowerOutOfMemoryScore();
  return returnMemory();
}

/** The result is to be called after each piece of work: when no more comes, garbage is collected and code is given back. */
export function returnMemory(): () => void {
  let code: readonly Range[] | null = null;
  const later = (act: () => void): void => void setTimeout(act, pause).unref();
  const onWork = onceQuiet(later, () => {
    const isFirst = code === null;
    code ??= findCode();
    // First, because it brings code back.
    collectGarbage();
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

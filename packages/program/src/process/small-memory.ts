import { type Code, findCode, returnCode } from "@upkeep/linux/memory/code-pages";
import { collectGarbage } from "@upkeep/linux/memory/garbage";
import { lowerOutOfMemoryScore } from "@upkeep/linux/memory/out-of-memory-score";

/**
 * Time without work after which the code is given back, in ms. A service that fails soon after its start, or again and
 * again, finds the code in memory.
 */
const pause = 3000;

/** Keeps little in memory. */
export interface SmallMemory {
  /** To be called after each piece of work: when no more comes, garbage is collected and code is given back. */
  readonly onWork: () => void;
  /**
   * To be called after a look that found nothing to do, such as a rescan of `runsvdir`: at rest, the code that it took is
   * given back. That is little, but the kernel brings 16 pages for each that is missing.
   */
  readonly onLook: () => void;
}

/**
 * When memory runs out, the kernel is to kill a worker and not its supervisor. So this asks the kernel for that, and
 * keeps little in memory as {@link returnMemory} does.
 */
export function keepMemorySmall(): SmallMemory {
  lowerOutOfMemoryScore();
  return returnMemory();
}

export function returnMemory(): SmallMemory {
  let code: Code | null = null;
  let isAtRest = false;
  const later = (act: () => void): void => void setTimeout(act, pause).unref();
  const whenQuiet = onceQuiet(later, () => {
    const isFirst = code === null;
    code ??= findCode();
    // First, because it brings code back.
    collectGarbage();
    returnCode(code);
    isAtRest = true;
    // To find it was work as well.
    if (isFirst) onWork();
  });
  const onWork = (): void => {
    isAtRest = false;
    whenQuiet();
  };
  return {
    onWork,
    onLook: () => {
      if (isAtRest && code !== null) returnCode(code);
    },
  };
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

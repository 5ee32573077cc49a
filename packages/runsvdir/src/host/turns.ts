/**
 * Makes a function that runs actions one after the other, with a turn of the event loop between each two of them. Many
 * services that crash are due again at the same time, and starting them all takes a while. What comes from outside, such as
 * a command for another service, must not wait for that.
 */
export function createTurns(): (action: () => void) => void {
  const waiting: (() => void)[] = [];
  let isGoing = false;
  const goOn = (): void => {
    const action = waiting.shift();
    if (action === undefined) {
      isGoing = false;
      return;
    }
    setImmediate(goOn);
    action();
  };
  return (action) => {
    waiting.push(action);
    if (isGoing) return;
    isGoing = true;
    goOn();
  };
}

/**
 * Makes a function that runs actions one after the other at the end of this turn of the event loop, and `before` ahead of
 * them all.
 */
export function createTurnEnd(before: () => void): (action: () => void) => void {
  let waiting: (() => void)[] = [];
  const runAll = (): void => {
    try {
      before();
    } finally {
      const due = waiting;
      waiting = [];
      for (const action of due) action();
    }
  };
  return (action) => {
    if (waiting.length === 0) setImmediate(runAll);
    waiting.push(action);
  };
}

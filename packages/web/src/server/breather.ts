import { setImmediate as nextTurn } from "node:timers/promises";

/** Milliseconds after which others get their turn. */
const slice = 8;

/** Makes a function that a long piece of work calls again and again: after some ms, it lets others be served first. */
export function createBreather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < slice) return;
    await nextTurn();
    since = performance.now();
  };
}

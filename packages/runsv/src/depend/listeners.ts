import { supervisePath } from "@upkeep/supervise/place/supervise-path";
import { listenTo, type Listener } from "@upkeep/supervise/fifo/waiters";

/** The siblings that send us word when they change. */
export interface Listeners {
  /** Listens to these, and to no others. Returns whether one of them is new. */
  set(names: readonly string[]): boolean;
}

/** @param pathOf the directory of a sibling; null where it cannot be told. @param name who listens. */
export function createListeners(
  pathOf: (sibling: string) => string | null,
  name: string,
  onChange: () => void,
): Listeners {
  const listeners = new Map<string, Listener>();
  return {
    set: (names) => {
      for (const [sibling, listener] of listeners) {
        if (names.includes(sibling) && listener.isAlive()) continue;
        listener.close();
        listeners.delete(sibling);
      }
      let isAnyNew = false;
      for (const sibling of names) {
        const directory = listeners.has(sibling) ? null : pathOf(sibling);
        const listener = directory === null ? null : listenTo(supervisePath(directory), name, onChange);
        if (listener === null) continue;
        listeners.set(sibling, listener);
        isAnyNew = true;
      }
      return isAnyNew;
    },
  };
}

import { type FSWatcher, watch } from "node:fs";

import { supervisePath } from "@upkeep/supervise/place/supervise-path";

/** Tells when the status of a service changes. */
export interface SuperviseWatch {
  /** Whether changes are seen at all. */
  readonly isWatching: boolean;
  /** Waits for a change since the last call, at most for `millis`. True when there was one. */
  change(millis: number): Promise<boolean>;
  close(): void;
}

/**
 * Watches the `supervise` directory of the service at `path`.
 *
 * The watch is only a hint. Where there is none (no permission, too many watches), and where an event is missed (the
 * directory was replaced), the time given to `change` decides.
 */
export function watchSupervise(path: string): SuperviseWatch {
  let hasChanged = false;
  let wake = (): void => {};
  const watcher = tryWatch(supervisePath(path), (file) => {
    // Files are written under another name first. runsv's other files say no more than these two.
    if (file !== null && file !== "status" && file !== "state.json") return;
    hasChanged = true;
    wake();
  });
  return {
    isWatching: watcher !== null,
    async change(millis) {
      if (!hasChanged) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, millis);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const found = hasChanged;
      hasChanged = false;
      return found;
    },
    close: () => watcher?.close(),
  };
}

function tryWatch(directory: string, onChange: (file: string | null) => void): FSWatcher | null {
  try {
    const watcher = watch(directory, (_event, file) => onChange(file));
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

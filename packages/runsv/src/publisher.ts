import type { Diagnostics } from "@upkeep/program/diagnostics";
import { SystemError } from "@upkeep/syscalls/errno";
import { monotonicMillis } from "@upkeep/syscalls/clock";

import type { Slot } from "./slot.ts";
import { renderStatus } from "./status.ts";
import { isGone, type SuperviseFiles } from "./supervise-files.ts";
import type { State } from "./supervisor.ts";

/** Milliseconds until another try when the files could not be written. */
const retryPause = 1000;

/** Keeps the files of both `supervise` directories in step with the state. */
export interface Publisher {
  publish(state: State): void;
  /** Monotonic: when to publish again although nothing happened, because it failed; Infinity for never. */
  retryAt(): number;
}

/** One `supervise` directory to keep up to date. */
export interface Published {
  readonly files: SuperviseFiles;
  /** Makes the directory anew and opens all in it, after it was removed. Throws SystemError. */
  reopen(): void;
}

/**
 * Nothing that happens to these files stops the supervision: it is said once, and tried again, after
 * a second or with the next change.
 */
export function createPublisher(service: Published, log: Published | null, name: string, say: Diagnostics): Publisher {
  const targets = { service: { ...service, said: "" }, log: log === null ? null : { ...log, said: "" } };
  let retry = Infinity;

  const publishSlot = (slot: Slot): void => {
    const target = targets[slot.name];
    if (target === null) return;
    const warnOnce = (error: unknown): void => {
      const { message } = error as Error;
      if (message !== target.said) say.warning(message);
      target.said = message;
    };
    const files = renderStatus(slot, name);
    try {
      target.files.publish(files);
      target.said = "";
    } catch (error) {
      warnOnce(error);
      try {
        if (!isGone(error)) throw error;
        target.reopen();
        target.files.publish(files);
        target.said = "";
      } catch (again) {
        if (again !== error) warnOnce(again);
        if (!(again instanceof SystemError)) throw again;
        retry = monotonicMillis() + retryPause;
      }
    }
  };

  return {
    publish: ({ service: serviceSlot, log: logSlot }) => {
      retry = Infinity;
      publishSlot(serviceSlot);
      if (logSlot !== null) publishSlot(logSlot);
    },
    retryAt: () => retry,
  };
}

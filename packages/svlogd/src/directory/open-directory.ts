import { SystemError } from "@upkeep/linux/core/errno";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";

import type { Messages } from "../messages.ts";
import type { Children } from "@upkeep/linux/exec/children";
import { createProcessor, type Processor } from "../processor/processor.ts";
import { createBackground, type Background } from "./background.ts";
import { openPlace, type OpenPlace } from "./place.ts";

/** A log directory that is open and locked, and the work that goes on in it beside logging. */
export interface OpenDirectory {
  readonly place: OpenPlace;
  readonly processor: Processor;
  readonly background: Background;
  /** Waits for that work, with `isComplete` until all old logs have been processed, and gives the lock back. */
  release(isComplete: boolean): Promise<void>;
}

export interface DirectoryPorts {
  readonly children: Children;
  readonly environment: readonly EnvironmentEntry[];
  readonly say: Messages;
}

/** Opens the directory that the name leads to now; null, with a warning, when it cannot be used. */
export function openDirectory(name: string, ports: DirectoryPorts): OpenDirectory | null {
  const place = tryPlace(name, ports.say);
  if (place === null) return null;
  const processor = createProcessor({ ...ports, place, directory: place.fd });
  const background = createBackground(ports.say.warning);
  return {
    place,
    processor,
    background,
    release: async (isComplete) => {
      await background.idle();
      await new Promise<void>((resolve) => processor.finish(isComplete, resolve));
      place.close();
    },
  };
}

function tryPlace(name: string, say: Messages): OpenPlace | null {
  try {
    return openPlace(name);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    say.warning(error.message);
    return null;
  }
}

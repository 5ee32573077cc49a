import { existsSync } from "node:fs";

import { SystemError } from "@upkeep/linux/core/errno";

import type { Messages } from "../messages.ts";
import type { Place } from "../directory/place.ts";
import {
  dropOutput,
  finishProcessed,
  nextUnprocessed,
  openProcessorFiles,
  type ProcessorFiles,
} from "./processor-files.ts";
import { runProcessor, type RunPorts } from "./run-processor.ts";

export interface ProcessorPorts extends RunPorts {
  readonly place: Place;
  readonly say: Messages;
}

/** Processes the old logs of a directory one after the other, in the background. */
export interface Processor {
  /** From the next log on this command is run; null: none is, as at first. */
  use(command: string | null): void;
  /** There may be something to process. With `now` a log that has failed is tried again at once. */
  kick(now?: boolean): void;
  /** Label of the log that is being processed; null: none. */
  inProcess(): string | null;
  /** Calls back when nothing is being processed. With `isComplete` this is when no log is left, or one has failed. */
  finish(isComplete: boolean, onIdle: () => void): void;
}

/** Milliseconds until a log that has failed is processed again: at first, and at most. */
const retryPause = { first: 1000, last: 60_000 };

/** Creates a processor that does nothing yet. One closure, as all of it is about the one log that is being processed. */
export function createProcessor(ports: ProcessorPorts): Processor {
  const { place, say } = ports;
  let command: string | null = null;
  let label: string | null = null;
  let isLast = false;
  let onIdle: (() => void) | null = null;
  const retry = createRetry(() => kick());

  const kick = (): void => {
    if (label === null && !retry.isWaiting()) next();
    if (label !== null) return;
    const callback = onIdle;
    onIdle = null;
    callback?.();
  };

  const next = (): void => {
    if (command === null || isLast) return;
    try {
      label = nextUnprocessed(place);
      if (label !== null) begin(command, label);
    } catch (error) {
      const wanted = label;
      label = null;
      // Old logs are removed when they are too many, and by people.
      if (wanted !== null && !existsSync(place.path(`${wanted}.u`))) next();
      else retryLater(error);
    }
  };

  const begin = (script: string, at: string): void => {
    const files = openProcessorFiles(place, at);
    processLog(script, at, files, ports)
      .then(retry.reset, retryLater)
      .finally(() => {
        label = null;
        kick();
      })
      .catch((error: unknown) => say.warning(String(error)));
  };

  /** Logging goes on, and the log stays as it is until the next try. */
  const retryLater = (error: unknown): void => {
    if (error instanceof SystemError) say.warning(error.message);
    say.warning(`processor failed, restart: ${place.name}`);
    retry.later();
  };

  return {
    use: (wanted) => {
      command = wanted;
    },
    kick: (now = false) => {
      if (now) retry.cancel();
      kick();
    },
    inProcess: () => label,
    finish: (isComplete, callback) => {
      isLast = !isComplete;
      onIdle = callback;
      kick();
    },
  };
}

/** Lets the output of the command take the place of the log. Rejects when that fails, and the log is as it was. */
async function processLog(script: string, label: string, files: ProcessorFiles, ports: ProcessorPorts): Promise<void> {
  const { place, say } = ports;
  try {
    say.info(`processing: ${place.name}/${label}.u`);
    await runProcessor(script, files, ports);
    await finishProcessed(place, label, files.output);
    say.info(`processed: ${place.name}/${label}.s`);
  } catch (error) {
    dropOutput(place, label);
    throw error;
  } finally {
    files.close();
  }
}

interface Retry {
  isWaiting(): boolean;
  later(): void;
  cancel(): void;
  /** The next pause is the shortest again. */
  reset(): void;
}

function createRetry(onRetry: () => void): Retry {
  let pause = retryPause.first;
  let timer: NodeJS.Timeout | null = null;
  return {
    isWaiting: () => timer !== null,
    later: () => {
      timer = setTimeout(() => {
        timer = null;
        onRetry();
      }, pause);
      pause = Math.min(2 * pause, retryPause.last);
    },
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
    reset: () => {
      pause = retryPause.first;
    },
  };
}

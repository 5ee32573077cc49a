import { existsSync } from "node:fs";

import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { SystemError } from "@upkeep/linux/core/errno";
import type { Exit } from "@upkeep/linux/process/wait";

import type { Children } from "./children.ts";
import { compress, isCompressor } from "./compressor.ts";
import type { Messages } from "../messages.ts";
import type { Place } from "../directory/old-log-files.ts";
import {
  dropOutput,
  finishProcessed,
  nextUnprocessed,
  openProcessorFiles,
  type ProcessorFiles,
} from "./processor-files.ts";

/** What a processor needs of its surroundings. */
export interface ProcessorPorts {
  readonly place: Place;
  /** Descriptor of the log directory, where the command runs. */
  readonly directory: number;
  /** Null: there is nothing to run. Asked each time, for a HUP may change it. */
  readonly command: () => string | null;
  readonly environment: readonly EnvironmentEntry[];
  readonly children: Children;
  readonly say: Messages;
}

/** Processes the old logs of a directory one after the other, in the background. */
export interface Processor {
  /** There may be something to process. With `now` a log that has failed is not waited for. */
  kick(now?: boolean): void;
  /** Label of the log that is being processed; null: none. */
  inProcess(): string | null;
  /** Calls back when nothing is being processed. With `all` this is when no log is left, or one has failed. */
  finish(all: boolean, onIdle: () => void): void;
}

/** Milliseconds until a log is processed again that could not be: at first, and at most. */
const firstRetry = 1000;
const lastRetry = 60_000;

export function createProcessor(ports: ProcessorPorts): Processor {
  const { place, say } = ports;
  let label: string | null = null;
  let retry = firstRetry;
  let timer: NodeJS.Timeout | null = null;
  let onIdle: (() => void) | null = null;
  let isLast = false;

  const kick = (now = false): void => {
    if (now && timer !== null) {
      clearTimeout(timer);
      timer = null;
    }
    if (label === null && timer === null) next();
    if (label !== null) return;
    const callback = onIdle;
    onIdle = null;
    callback?.();
  };

  const next = (): void => {
    const command = ports.command();
    if (command === null || isLast) return;
    try {
      label = nextUnprocessed(place);
      if (label !== null) begin(command, label);
    } catch (error) {
      const wanted = label;
      label = null;
      // Old logs are removed when they are too many, and by people.
      if (wanted !== null && !existsSync(place.path(`${wanted}.u`))) next();
      else later(error);
    }
  };

  const begin = (command: string, at: string): void => {
    const files = openProcessorFiles(place, at);
    say.info(`processing: ${place.name}/${at}.u`);
    run(command, files)
      .then(() => finishProcessed(place, at, files.output))
      .then(
        () => {
          say.info(`processed: ${place.name}/${at}.s`);
          retry = firstRetry;
        },
        (error: unknown) => {
          dropOutput(place, at);
          later(error);
        },
      )
      .finally(() => {
        files.close();
        label = null;
        kick();
      })
      .catch((error: unknown) => say.warning(String(error)));
  };

  const run = async (command: string, files: ProcessorFiles): Promise<void> => {
    if (isCompressor(command)) return compress(command, files.input, files.output);
    const exit = await runCommand(command, files);
    if (exit.kind === "killed" || exit.code !== 0) throw new ProcessorFailed();
  };

  const runCommand = (command: string, files: ProcessorFiles): Promise<Exit> => {
    const { promise, resolve } = Promise.withResolvers<Exit>();
    const started = ports.children.start(
      {
        path: "/bin/sh",
        argv: ["sh", "-c", command],
        environment: ports.environment,
        directory: ports.directory,
        newSession: false,
        stdio: [files.input, files.output, 2],
        descriptors: { 4: files.state, 5: files.newState },
      },
      resolve,
    );
    if (!started.ok) throw new SystemError(`run processor: ${place.name}`, started.errno);
    return promise;
  };

  /** Logging goes on, and the log stays as it is until the next try. */
  const later = (error: unknown): void => {
    if (error instanceof SystemError) say.warning(error.message);
    say.warning(`processor failed, restart: ${place.name}`);
    timer = setTimeout(() => {
      timer = null;
      kick();
    }, retry);
    retry = Math.min(2 * retry, lastRetry);
  };

  return {
    kick,
    inProcess: () => label,
    finish: (all, callback) => {
      isLast = !all;
      onIdle = callback;
      kick();
    },
  };
}

/** The command ended with something else than 0. */
class ProcessorFailed extends Error {
  override readonly name = "ProcessorFailed";
}

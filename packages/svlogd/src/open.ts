import { stayAlive } from "@upkeep/program/loop/timer";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { enlargePipe } from "@upkeep/linux/fd/pipe";

import type { LogOptions } from "./core/arguments.ts";
import { checksum } from "./core/recovery.ts";
import { createLogDirectory, type Log } from "./directory/log-directory.ts";
import type { LogPorts } from "./directory/succession.ts";
import { openJournalFile } from "./journal/journal-file.ts";
import { createJournalKeeper, type JournalKeeper } from "./journal/journal-keeper.ts";
import { createInput, type Input, openSource } from "./lines/input.ts";
import { createIntake } from "./lines/intake.ts";
import { replacementTable } from "./lines/replace.ts";
import { splitterBufferSize } from "./lines/splitter.ts";
import { createStandardOutput } from "./lines/standard-output.ts";
import type { Messages } from "./messages.ts";
import type { Children } from "@upkeep/linux/exec/children";

/** Takes the lines of standard input to all logs. */
export interface Logger {
  /** Opens all logs, or those that are open anew; false, with a message, when there is none to log to. */
  open(): boolean;
  /** Begins to read. */
  read(): void;
  rotate(): void;
  /** Ends as soon as the line that is being received is complete. */
  stop(): void;
}

export interface LoggerPorts {
  readonly say: Messages;
  readonly children: Children;
  readonly onExit: (code: number) => void;
}

/** How much is read at a time. */
const chunk = 64 * 1024;
/**
 * How much the service can write while we wait for the disk. It is not more, as all pipes of an unprivileged user may
 * hold 64 MiB together; beyond that the system makes new ones small.
 */
const pipeSize = 256 * 1024;

export function createLogger(options: LogOptions, { say, children, onExit }: LoggerPorts): Logger {
  const keeper = keeperFor(options, say);
  const ports: LogPorts = {
    settings: options,
    say,
    children,
    environment: inheritedEnvironment(),
    keeper,
    onDrained: () => input?.read(),
  };
  const all: readonly Log[] = options.directories.map((name) =>
    name === "-" ? createStandardOutput(ports) : createLogDirectory(name, ports),
  );
  let logs: readonly Log[] = [];
  let input: Input | null = null;
  let isReading = false;
  let isStopping = false;

  const end = async (): Promise<void> => {
    keeper.remove();
    // Closing reports its troubles itself.
    await Promise.all(logs.map((log) => log.close(isStopping)));
    onExit(0);
  };
  const begin = (): Input => {
    const { lineLength, replacement, alsoReplaced } = options;
    const table = replacementTable(replacement, alsoReplaced);
    const intake = createIntake(() => logs, { lineLength, table, chunk, journal: keeper.journal() });
    return createInput(openSource(0), {
      splitter: intake.splitter,
      isBlocked: () => logs.some((log) => log.isFull()),
      onBatch: intake.endBatch,
      onEnd: () => void end(),
      warn: say.warning,
    });
  };

  return {
    open: () => {
      logs = all.filter((log) => log.open());
      if (logs.length === 0) say.fatal("no functional log directories.");
      else input ??= begin();
      // The log that held up the others may no longer be among them.
      if (isReading) input?.read();
      return logs.length > 0;
    },
    read: () => {
      stayAlive();
      enlargePipe(0, pipeSize);
      isReading = true;
      input?.read();
    },
    rotate: () => logs.forEach((log) => log.rotate()),
    stop: () => {
      if (input?.hasEnded() === true) logs.forEach((log) => void log.close(true));
      isStopping = true;
      input?.stop();
    },
  };
}

function keeperFor({ lineLength, replacement, alsoReplaced }: LogOptions, say: Messages): JournalKeeper {
  const bufferSize = splitterBufferSize({ lineLength, chunk });
  const settings = JSON.stringify([lineLength, chunk, replacement, checksum([...alsoReplaced])]);
  return createJournalKeeper({
    openFile: ({ device, inode }) => openJournalFile({ device, inode, settings, bufferSize }),
    bufferSize,
    chunk,
    say,
  });
}

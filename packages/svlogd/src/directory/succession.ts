import { closing, opening, type Step } from "./log-writer.ts";
import { openDirectory, type DirectoryPorts, type OpenDirectory } from "./open-directory.ts";
import { createOpenLog, type OpenLog, type OpenLogPorts } from "./open-log.ts";
import { createOutlet, lossText, type Outlet } from "./outlet.ts";
import { createOverflow, type Overflow } from "./overflow.ts";

/** What all log directories share. */
export interface LogPorts extends DirectoryPorts, Omit<OpenLogPorts, "outlet" | "overflow" | "onUnsent"> {
  /** A directory that could not be written to has got everything. */
  readonly onDrained: () => void;
}

/** The open logs under one name, each in the place of the one before; and what waits to be written to them. */
export interface Succession {
  readonly outlet: Outlet<Step>;
  readonly overflow: Overflow;
  /** Null: none is open. */
  current(): OpenLog | null;
  /** Opens the next one. False, with a warning: the directory cannot be used. */
  open(): boolean;
  /** Records what has been written, between two batches. */
  settle(): void;
  /** Closes for good what can be closed now. The directory stays open until its processor has ended. */
  release(log: OpenLog, isComplete: boolean): Promise<void>;
}

/** Begins the succession; nothing is opened yet. One closure, as each way to open a log is a step from the last one. */
export function createSuccession(name: string, ports: LogPorts, onUnsent: OpenLogPorts["onUnsent"]): Succession {
  const { say } = ports;
  /** The log that was opened last. It may have been closed since. */
  let last: OpenLog | null = null;
  let isOpen = false;

  const current = (): OpenLog | null => (isOpen ? last : null);
  const settle = (): void => {
    const log = current();
    log?.progress.settled(log.writer.size(), outlet.isPausing(), log.channel.isInLoggedLine());
  };

  const succeed = (directory: OpenDirectory): OpenLog => {
    last = createOpenLog(directory, { log: last, isOpen }, { ...ports, outlet, overflow, onUnsent });
    isOpen = true;
    return last;
  };

  const openNew = (): boolean => {
    const directory = openDirectory(name, ports);
    if (directory === null) return false;
    outlet.leadTo(succeed(directory).writer);
    outlet.follow(opening);
    directory.processor.kick();
    return true;
  };

  const reopen = (directory: OpenDirectory): void => {
    const isPausing = outlet.isPausing();
    if (!isPausing) {
      say.info(`close: ${name}`);
      outlet.follow(closing);
    }
    outlet.leadTo(succeed(directory).writer);
    // Lines that wait come first; the new settings may be what helps.
    if (isPausing) outlet.retry();
    else outlet.follow(opening);
    directory.processor.kick(true);
  };

  /** When the directory has been removed and made anew, the new one gets what waits. */
  const renew = (): void => {
    const removed = current()?.directory;
    if (removed === undefined || !removed.place.isRemoved()) return;
    const directory = openDirectory(name, ports);
    if (directory === null) return;
    void removed.release(false);
    const { writer } = succeed(directory);
    writer.abandon();
    outlet.leadTo(writer, opening);
  };

  const release = async (log: OpenLog, isComplete: boolean): Promise<void> => {
    say.info(`close: ${name}`);
    isOpen = false;
    void log.stop();
    outlet.follow(closing);
    const loss = outlet.settle();
    log.writer.abandon();
    if (loss !== null) say.warning(lossText(loss));
    tellLosses(false);
    await log.directory.release(isComplete);
  };

  const tellLosses = (isOver: boolean): void => {
    const lost = overflow.lost();
    if (lost > 0) say.warning(`${isOver ? "logging again, " : ""}${linesLost(lost)}: ${name}`);
    overflow.forget();
  };

  const onDone = (): void => {
    settle();
    tellLosses(true);
    ports.onDrained();
  };
  const sayPausing = (message: string): void => {
    const lost = overflow.lost();
    say.pausing(lost === 0 ? message : `${message}, ${linesLost(lost)} so far`);
  };
  const outlet = createOutlet<Step>({ say: sayPausing, onRetry: renew, onDone });
  const overflow = createOverflow(outlet);
  return {
    outlet,
    overflow,
    current,
    open: () => {
      if (current()?.directory.place.isStillThere() === false) outlet.retry();
      const log = current();
      if (log === null) return openNew();
      if (log.directory.place.isStillThere()) {
        reopen(log.directory);
        return true;
      }
      void release(log, false);
      return openNew();
    },
    settle,
    release,
  };
}

function linesLost(count: number): string {
  return count === 1 ? "1 line lost" : `${count} lines lost`;
}

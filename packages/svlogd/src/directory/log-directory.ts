import { writeBytes } from "@upkeep/program/messages/output";
import { replaceFile } from "@upkeep/supervise/files/replace-file";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { SystemError } from "@upkeep/linux/core/errno";

import { createAgeTimer } from "./age-timer.ts";
import { type Channel, createChannel, type LineSettings, type Sinks } from "../lines/channel.ts";
import type { Children } from "../processor/children.ts";
import { defaultConfig, type LogConfig } from "../core/config.ts";
import type { JournalKeeper } from "../journal/journal-keeper.ts";
import { createLogWriter } from "./log-writer.ts";
import type { Messages } from "../messages.ts";
import { openPlace, readConfig, type OpenPlace } from "./place.ts";
import { createProcessor, type Processor } from "../processor/processor.ts";
import { createProgress } from "../journal/progress.ts";
import { sumOf } from "../journal/recovery.ts";
import type { LineReceiver } from "../lines/splitter.ts";
import { createUdpSender, type UdpSender } from "../lines/udp.ts";

/** What all log directories share. */
export interface LoggerPorts {
  readonly settings: LineSettings;
  readonly say: Messages;
  readonly children: Children;
  readonly environment: readonly EnvironmentEntry[];
  readonly keeper: JournalKeeper;
  /** A directory that could not be written to has got everything. */
  readonly onDrained: () => void;
}

/** Somewhere that lines are logged to. What goes wrong there is told and tried again, not thrown. */
export interface Log extends LineReceiver {
  /** Opens it; or, when it is open, closes it, reads its settings and opens it again. False: it cannot be used. */
  open(): boolean;
  rotate(): void;
  /** All lines of a read have been handed over. */
  endBatch(): void;
  /** How many bytes wait to be written. */
  backlog(): number;
  /**
   * Closes it, and lets its processor come to an end. What cannot be written is waited for; with
   * `isUrgent` it is tried only once more. This may be called again with that.
   */
  close(isUrgent: boolean): Promise<void>;
}

/** What there is of a log directory while it is open. */
interface Opened {
  readonly place: OpenPlace;
  readonly processor: Processor;
}

/** The log directory at `name`; nothing is opened yet. */
export function createLogDirectory(name: string, ports: LoggerPorts): Log {
  const { say, settings } = ports;
  let opened: Opened | null = null;
  let config: LogConfig = defaultConfig;
  let channel: Channel | null = null;
  let udp: UdpSender | null = null;
  let lastLine: Buffer | null = null;
  /** See `DirectoryRecord`. */
  let look = 0;
  let isInBatch = false;
  let isClosing = false;
  let isDrained: (() => void) | null = null;

  const current = (): Opened => {
    if (opened === null) throw new Error("internal error: log directory is not open");
    return opened;
  };
  const progress = createProgress({
    keeper: ports.keeper,
    place: () => current().place,
    look: () => look,
  });
  const settleProgress = (): void => {
    if (opened === null) return;
    progress.settled(writer.size(), writer.outlet.isPausing(), channel?.isInLoggedLine() === true);
  };
  const writer = createLogWriter({
    place: () => current().place,
    config: () => config,
    lineLength: settings.lineLength,
    say,
    inProcess: () => current().processor.inProcess(),
    onOpened: progress.opened,
    onRotated: () => opened?.processor.kick(),
    onDrained: () => {
      settleProgress();
      isDrained?.();
      ports.onDrained();
    },
    renewPlace: () => {
      if (opened === null || !opened.place.isRemoved()) return false;
      const { place, processor } = opened;
      const renewed = openAgain();
      if (renewed === null) return false;
      processor.finish(false, () => void writer.settled().then(place.close));
      opened = renewed;
      configure();
      return true;
    },
  });
  const age = createAgeTimer(writer.rotate);

  /** Reads the settings and puts them into effect. */
  const configure = (): void => {
    config = readConfig(current().place, config, say);
    look = sumOf([settings.stamp, [...config.prefix], config.logRules, config.udp]);
    const isInLoggedLine = channel === null ? progress.takeUp() : channel.isInLoggedLine();
    age.set(config.age);
    void udp?.close();
    udp = config.udp === null ? null : createUdpSender(config.udp, logFailure);
    const sinks: Sinks = {
      log: (bytes, from, to) => {
        const start = progress.startOf(bytes, from, to);
        if (start < to) writer.write(bytes, start, to);
      },
      stderr: (line) => void writeBytes(2, line),
      udp: (line) => udp?.send(line),
      lastLine: (line) => {
        lastLine = line;
      },
    };
    channel = createChannel(settings, config, sinks, isInLoggedLine);
  };
  const logFailure = (what: string, line: Buffer): void => {
    if (opened === null) return;
    const text = Buffer.concat([Buffer.from(`warning: ${what}: `), line]);
    writer.write(text, 0, text.length);
    if (!isInBatch) settleProgress();
  };

  const receive = (): Channel | null => {
    isInBatch = true;
    return progress.isPassedOver() ? null : channel;
  };

  /** The directory that the name leads to now; null, with a warning, when it cannot be used. */
  const openAgain = (): Opened | null => {
    try {
      const place = openPlace(name);
      const { children, environment } = ports;
      const command = (): string | null => config.processor;
      return {
        place,
        processor: createProcessor({ place, directory: place.fd, command, environment, children, say }),
      };
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      say.warning(error.message);
      return null;
    }
  };

  const openNew = (): boolean => {
    opened = openAgain();
    if (opened === null) return false;
    configure();
    writer.open();
    opened.processor.kick();
    return true;
  };

  const reopen = ({ processor }: Opened): void => {
    if (writer.outlet.isPausing()) {
      // Its lines come first; the new settings may be what helps.
      configure();
      writer.outlet.retry();
    } else {
      say.info(`close: ${name}`);
      writer.close();
      configure();
      writer.open();
    }
    processor.kick(true);
  };

  /** Closes for good what can be closed now; the place stays until its processor has ended. */
  const release = async ({ place, processor }: Opened, waitsForAll: boolean): Promise<void> => {
    say.info(`close: ${name}`);
    age.set(0);
    const loss = writer.closeNow();
    if (loss !== null) say.warning(`${loss.error.message}, ${loss.bytes} bytes lost`);
    channel = null;
    await writer.settled();
    const { promise, resolve } = Promise.withResolvers<void>();
    processor.finish(waitsForAll, () => {
      place.close();
      resolve();
    });
    await promise;
  };

  return {
    open: () => {
      if (opened === null) return openNew();
      // What waits goes to the directory that is there now.
      if (!opened.place.isStillThere()) writer.outlet.retry();
      if (opened.place.isStillThere()) {
        reopen(opened);
        return true;
      }
      void release(opened, false);
      opened = null;
      return openNew();
    },
    rotate: writer.rotate,
    lines: (bytes, from, to, times) => receive()?.lines(bytes, from, to, times),
    longLine: (bytes, from, to, time) => receive()?.longLine(bytes, from, to, time),
    more: (bytes, from, to, isEnd) => receive()?.more(bytes, from, to, isEnd),
    endBatch: () => {
      if (isInBatch && writer.size() > 0) age.arm();
      isInBatch = false;
      settleProgress();
      if (lastLine === null || opened === null || config.lastLineFile === null) return;
      const line = lastLine;
      lastLine = null;
      try {
        replaceFile(opened.place.path(config.lastLineFile), `${name}/${config.lastLineFile}`, line);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        say.warning(error.message);
      }
    },
    backlog: writer.outlet.backlog,
    close: async (isUrgent) => {
      if (isClosing) return isDrained?.();
      isClosing = true;
      if (opened === null) return;
      if (!isUrgent && writer.outlet.isPausing()) {
        await new Promise<void>((resolve) => {
          isDrained = resolve;
        });
      }
      await udp?.close();
      await release(opened, !isUrgent);
      opened = null;
    },
  };
}

import { writeBytes } from "@upkeep/program/messages/output";

import { defaultConfig, type LogConfig } from "../core/config.ts";
import { checksum } from "../core/recovery.ts";
import type { JournalKeeper } from "../journal/journal-keeper.ts";
import { claimProgress, type Progress } from "../journal/progress.ts";
import { createChannel, type Channel, type LineSettings } from "../lines/channel.ts";
import { createUdpSender } from "../lines/udp.ts";
import type { Messages } from "../messages.ts";
import { createAgeTimer, type AgeTimer } from "./age-timer.ts";
import { createLastLine, type LastLine } from "./last-line.ts";
import { createLogWriter, type LogWriter, type Step, type WriterPorts } from "./log-writer.ts";
import type { OpenDirectory } from "./open-directory.ts";
import type { Outlet } from "./outlet.ts";
import type { Overflow } from "./overflow.ts";
import { readConfig } from "./place.ts";

/** A log directory as one reading of its `config` wants it. A HUP makes a new one. */
export interface OpenLog {
  readonly directory: OpenDirectory;
  readonly config: LogConfig;
  readonly channel: Channel;
  readonly writer: LogWriter;
  readonly progress: Progress;
  readonly age: AgeTimer;
  readonly lastLine: LastLine;
  /** Stops what would go on by itself; resolves when the datagrams have been sent. */
  stop(): Promise<void>;
}

export interface OpenLogPorts {
  readonly settings: LineSettings;
  readonly say: Messages;
  readonly keeper: JournalKeeper;
  readonly outlet: Outlet<Step>;
  readonly overflow: Overflow;
  readonly openFile?: WriterPorts["openFile"];
  /** A line could not be sent. */
  readonly onUnsent: (what: string, line: Buffer) => void;
}

/** The log that was opened before under the same name; null: there was none. */
export interface Predecessor {
  readonly log: OpenLog | null;
  /** It has not been closed: its successor continues its file, and a long line. */
  readonly isOpen: boolean;
}

/** Opens a log, but for its file `current`. */
export function createOpenLog(directory: OpenDirectory, predecessor: Predecessor, ports: OpenLogPorts): OpenLog {
  const { settings, say, keeper, outlet, overflow } = ports;
  const { place, processor } = directory;
  const before = predecessor.isOpen ? predecessor.log : null;
  const config = readConfig(place, predecessor.log?.config ?? defaultConfig, say);
  processor.use(config.processor);
  overflow.limit(config.loseAbove);
  const format = checksum([settings.stamp, [...config.prefix], config.logRules, config.udp]);
  const progress =
    before === null
      ? claimProgress(keeper, place, format, predecessor.log?.progress.number ?? null)
      : before.progress.renew(place, format);
  void before?.stop();
  const udp = config.udp === null ? null : createUdpSender(config.udp, ports.onUnsent);
  const age = createAgeTimer(config.age, () => outlet.follow(["rotate"]));
  const lastLine = createLastLine(place, config.lastLineFile, say.warning);
  const sinks = {
    log: (bytes: Buffer, from: number, to: number) => {
      const start = progress.startOf(bytes, from, to);
      if (start < to) overflow.write(bytes, start, to);
    },
    stderr: (line: Buffer) => void writeBytes(2, line),
    udp: (line: Buffer) => udp?.send(line),
    lastLine: lastLine.set,
  };
  const isInLoggedLine = before === null ? progress.isInLoggedLine() : before.channel.isInLoggedLine();
  return {
    directory,
    config,
    channel: createChannel(settings, config, sinks, isInLoggedLine),
    writer: createLogWriter(
      { ...ports, directory, config, lineLength: settings.lineLength, onOpened: progress.opened },
      before?.writer.current() ?? null,
    ),
    progress,
    age,
    lastLine,
    stop: async () => {
      age.stop();
      await udp?.close();
    },
  };
}

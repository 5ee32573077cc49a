import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { LogConfig } from "../core/config.ts";
import { renderStamp, type StampStyle } from "./line.ts";
import { selects } from "../core/match.ts";
import type { LineReceiver, Times } from "./splitter.ts";

/** Where the lines of a channel go. Bytes are valid during the call only. */
export interface Sinks {
  /** The log: any number of lines, or parts of one. */
  readonly log: (bytes: Buffer, from: number, to: number) => void;
  /** One line at a time. */
  readonly stderr: (line: Buffer) => void;
  readonly udp: (line: Buffer) => void;
  readonly lastLine: (line: Buffer) => void;
}

/** What a channel needs to know of lines. */
export interface LineSettings {
  readonly stamp: StampStyle;
  /** How much of a line is looked at, is sent by UDP or to stderr, or is kept as the last one. */
  readonly lineLength: number;
}

type Wanted = Pick<LogConfig, "prefix" | "logRules" | "stderrRules" | "udp" | "lastLineFile">;

const newline = 10;
const ellipsis = Buffer.from("...\n");
const scratchSize = 256 * 1024;

/** Lines are put together here on their way to a log. All channels share it: none keeps anything in it. */
let scratch: Buffer | null = null;

/** Puts stamp and prefix before the lines that a log directory wants, and sends them where it wants them. */
export interface Channel extends LineReceiver {
  /** Whether it has last logged the start of a long line, or more of it. */
  isInLoggedLine(): boolean;
}

/** @param isInLoggedLine whether the rest of a long line, should that come first, belongs into the log. */
export function createChannel(
  settings: LineSettings,
  config: Wanted,
  sinks: Sinks,
  isInLoggedLine: boolean = false,
): Channel {
  const { stamp, lineLength } = settings;
  const { prefix, logRules, stderrRules, udp, lastLineFile } = config;
  const hasLog = udp?.isOnly !== true;
  const looksAtLines = logRules.length > 0 || stderrRules.length > 0 || udp !== null;
  const room = (scratch ??= Buffer.allocUnsafeSlow(scratchSize));
  let head = Buffer.from(prefix);
  let headTime: WallTime | null = null;
  let isLongLineLogged = isInLoggedLine;

  /** What comes before a line of that time. */
  const headAt = (time: WallTime): Buffer => {
    if (stamp === 0 || time === headTime) return head;
    headTime = time;
    head = Buffer.concat([Buffer.from(renderStamp(stamp, time), "latin1"), prefix]);
    return head;
  };

  /** All of the lines, which is what nearly all logs want: the path that has to be fast. */
  const logAll = (bytes: Buffer, from: number, to: number, { first, rest }: Times): void => {
    let before = headAt(first);
    if (before.length === 0) return sinks.log(bytes, from, to);
    let filled = 0;
    for (let start = from; start < to;) {
      const end = bytes.indexOf(newline, start) + 1;
      const size = before.length + end - start;
      if (filled + size > room.length) {
        sinks.log(room, 0, filled);
        filled = 0;
      }
      if (size > room.length) {
        sinks.log(before, 0, before.length);
        sinks.log(bytes, start, end);
      } else {
        room.set(before, filled);
        bytes.copy(room, filled + before.length, start, end);
        filled += size;
      }
      if (start === from) before = headAt(rest);
      start = end;
    }
    if (filled > 0) sinks.log(room, 0, filled);
  };

  /** What others than the log get of a line; of a long one it does not matter how much has come. */
  const copy = (bytes: Buffer, from: number, to: number, time: WallTime): Buffer => {
    const isCut = to - from >= lineLength;
    const looked = bytes.subarray(from, Math.min(to, from + lineLength));
    return Buffer.concat([headAt(time), looked, isCut ? ellipsis : ellipsis.subarray(3)]);
  };

  /** Looks at one line, of which `bytes` has the start at least; returns whether the log gets it. */
  const inspect = (bytes: Buffer, from: number, to: number, time: WallTime): boolean => {
    const looked = Math.min(to, from + lineLength);
    if (stderrRules.length > 0 && selects(stderrRules, false, bytes, from, looked)) {
      sinks.stderr(copy(bytes, from, to, time));
    }
    if (!selects(logRules, true, bytes, from, looked)) return false;
    if (udp !== null) sinks.udp(copy(bytes, from, to, time));
    return hasLog;
  };

  const logSome = (bytes: Buffer, from: number, to: number, times: Times): void => {
    // Neighbours that are wanted go to the log together.
    let wantedFrom = from;
    for (let start = from; start < to;) {
      const end = bytes.indexOf(newline, start) + 1;
      if (!inspect(bytes, start, end - 1, start === from ? times.first : times.rest)) {
        logWanted(bytes, wantedFrom, start, wantedFrom === from ? times : later(times));
        wantedFrom = end;
      }
      start = end;
    }
    logWanted(bytes, wantedFrom, to, wantedFrom === from ? times : later(times));
  };

  const logWanted = (bytes: Buffer, from: number, to: number, times: Times): void => {
    if (to === from) return;
    logAll(bytes, from, to, times);
    if (lastLineFile === null) return;
    const start = to - 1 > from ? Math.max(from, bytes.lastIndexOf(newline, to - 2) + 1) : from;
    sinks.lastLine(copy(bytes, start, to - 1, start === from ? times.first : times.rest));
  };

  return {
    isInLoggedLine: () => isLongLineLogged,
    lines: (bytes, from, to, times) => {
      if (looksAtLines) logSome(bytes, from, to, times);
      else logWanted(bytes, from, to, times);
    },
    longLine: (bytes, from, to, time) => {
      isLongLineLogged = looksAtLines ? inspect(bytes, from, to, time) : true;
      if (!isLongLineLogged) return;
      const before = headAt(time);
      sinks.log(before, 0, before.length);
      sinks.log(bytes, from, to);
      if (lastLineFile !== null) sinks.lastLine(copy(bytes, from, to, time));
    },
    more: (bytes, from, to) => {
      if (isLongLineLogged) sinks.log(bytes, from, to);
    },
  };
}

/** Of lines that are not the first. */
function later({ rest }: Times): Times {
  return { first: rest, rest };
}

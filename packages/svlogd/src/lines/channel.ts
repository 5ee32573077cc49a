import type { LogConfig } from "../core/config.ts";
import type { StampStyle } from "../core/stamp.ts";
import { createAssembly, type Sink } from "./assembly.ts";
import { createHead } from "./head.ts";
import { createInspection, type LineSinks } from "./inspection.ts";
import type { LineReceiver, Times } from "./splitter.ts";

/** Where the lines of a channel go. Bytes are valid during the call only. */
export interface Sinks extends LineSinks {
  /** The log: any number of lines, or parts of one. */
  readonly log: Sink;
  readonly lastLine: (line: Buffer) => void;
}

/** What a channel needs to know of lines. */
export interface LineSettings {
  readonly stamp: StampStyle;
  /** How many bytes of a line are inspected, and are sent to stderr or by UDP, or kept as the last line. */
  readonly lineLength: number;
}

/** Puts stamp and prefix before the lines that a log directory wants, and sends them where it wants them. */
export interface Channel extends LineReceiver {
  /** Whether it has last logged the start of a long line, or more of it. */
  isInLoggedLine(): boolean;
}

const newline = 10;

/** @param isInLoggedLine if the rest of a long line comes first: whether it belongs into the log. */
export function createChannel(
  { stamp, lineLength }: LineSettings,
  config: LogConfig,
  sinks: Sinks,
  isInLoggedLine: boolean = false,
): Channel {
  const { logRules, stderrRules, udp, lastLineFile } = config;
  const inspectsLines = logRules.length > 0 || stderrRules.length > 0 || udp !== null;
  const head = createHead(stamp, config.prefix);
  const assemble = createAssembly(head, sinks.log);
  const { inspect, copy } = createInspection(config, lineLength, head, sinks);
  let isLongLineLogged = isInLoggedLine;

  const log = (bytes: Buffer, from: number, to: number, times: Times): void => {
    if (to === from) return;
    assemble(bytes, from, to, times);
    if (lastLineFile === null) return;
    const start = to - 1 > from ? Math.max(from, bytes.lastIndexOf(newline, to - 2) + 1) : from;
    sinks.lastLine(copy(bytes, start, to - 1, start === from ? times.first : times.rest));
  };

  const logSome = (bytes: Buffer, from: number, to: number, times: Times): void => {
    // Neighbours that are wanted go to the log together.
    let wantedFrom = from;
    for (let start = from; start < to;) {
      const end = bytes.indexOf(newline, start) + 1;
      if (!inspect(bytes, start, end - 1, start === from ? times.first : times.rest)) {
        log(bytes, wantedFrom, start, wantedFrom === from ? times : withoutFirst(times));
        wantedFrom = end;
      }
      start = end;
    }
    log(bytes, wantedFrom, to, wantedFrom === from ? times : withoutFirst(times));
  };

  return {
    isInLoggedLine: () => isLongLineLogged,
    lines: inspectsLines ? logSome : log,
    longLine: (bytes, from, to, time) => {
      isLongLineLogged = inspectsLines ? inspect(bytes, from, to, time) : true;
      if (!isLongLineLogged) return;
      const before = head(time);
      sinks.log(before, 0, before.length);
      sinks.log(bytes, from, to);
      if (lastLineFile !== null) sinks.lastLine(copy(bytes, from, to, time));
    },
    more: (bytes, from, to) => {
      if (isLongLineLogged) sinks.log(bytes, from, to);
    },
  };
}

/** The times of lines that do not begin with the first. */
function withoutFirst({ rest }: Times): Times {
  return { first: rest, rest };
}

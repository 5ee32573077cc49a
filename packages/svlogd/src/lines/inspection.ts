import type { WallTime } from "@upkeep/supervise/core/tai64n";

import type { LogConfig } from "../core/config.ts";
import { selects } from "../core/match.ts";
import type { Head } from "./head.ts";

/** Who gets single lines besides the log. */
export interface LineSinks {
  readonly stderr: (line: Buffer) => void;
  readonly udp: (line: Buffer) => void;
}

/** Decides who gets a line. */
export interface Inspection {
  /** Sends a line, of which `bytes` has the start at least, to stderr and by UDP; returns whether the log gets it. */
  inspect(bytes: Buffer, from: number, to: number, time: WallTime): boolean;
  /** What others than the log get of a line: its head, and no more of it than is inspected. */
  copy(bytes: Buffer, from: number, to: number, time: WallTime): Buffer;
}

const ellipsis = Buffer.from("...\n");

export function createInspection(config: LogConfig, lineLength: number, head: Head, sinks: LineSinks): Inspection {
  const { logRules, stderrRules, udp } = config;
  const hasLog = udp?.isOnly !== true;

  const copy: Inspection["copy"] = (bytes, from, to, time) => {
    const isCut = to - from >= lineLength;
    const inspected = bytes.subarray(from, Math.min(to, from + lineLength));
    return Buffer.concat([head(time), inspected, isCut ? ellipsis : ellipsis.subarray(3)]);
  };
  return {
    inspect: (bytes, from, to, time) => {
      const end = Math.min(to, from + lineLength);
      if (stderrRules.length > 0 && selects(stderrRules, false, bytes, from, end)) {
        sinks.stderr(copy(bytes, from, to, time));
      }
      if (!selects(logRules, true, bytes, from, end)) return false;
      if (udp !== null) sinks.udp(copy(bytes, from, to, time));
      return hasLog;
    },
    copy,
  };
}

import { openReader } from "@upkeep/client/log/open-reader";
import type { Service } from "@upkeep/client/service/client";
import { readLastWords } from "@upkeep/client/service/history";
import { SystemError } from "@upkeep/linux/core/errno";
import { createTimeText } from "@upkeep/logs/core/time-text";
import { findLog } from "@upkeep/logs/find/find-log";
import { createSystemZone } from "@upkeep/logs/find/system-zone";
import type { LogReader } from "@upkeep/logs/read/log-reader";

import { forTerminal } from "../core/log-line.ts";

/** Lines of the log of a service, as the pane shows them, or why there are none. */
export interface Logged {
  readonly label: string;
  readonly lines: readonly string[];
  readonly problem: string | null;
}

/** Follows the log of one service at a time. */
export interface LogFollower {
  /** Null: of none. */
  follow(service: Service | null): void;
}

/** How many lines the pane begins with, and how many are taken at once. */
const [firstLines, mostAtOnce] = [500, 2000] as const;
const lastOnes = { range: { since: null, until: null }, pattern: null, lines: firstLines } as const;
/** Milliseconds between two looks at the log, and at the place where there may be one. */
const pause = { log: 250, place: 2000 } as const;

export function createLogFollower(emit: (logged: Logged) => void): LogFollower {
  const zone = createSystemZone();
  const time = createTimeText(zone);
  let turn = 0;

  const showLine = ({ cursor: { bytes, text, to, micros } }: LogReader): string => {
    const line = inPane(bytes.toString("utf8", text, to));
    return Number.isNaN(micros) ? line : `${time.show(micros).slice(11, 19)} ${line}`;
  };
  const open = async (path: string): Promise<LogReader | null> => {
    const found = findLog(path);
    if (found.directory === null) return null;
    return (await openReader(found, zone, lastOnes, () => {})).reader;
  };
  /** The lines that have come by now. */
  const take = async (reader: LogReader): Promise<readonly string[]> => {
    const lines: string[] = [];
    while (lines.length < mostAtOnce && (reader.cursor.next() || (await reader.fill()))) lines.push(showLine(reader));
    return lines;
  };
  const followOne = async (label: string, path: string, isCurrent: () => boolean): Promise<void> => {
    let reader: LogReader | null = null;
    for (let isFirst = true; isCurrent(); isFirst = false) {
      try {
        reader ??= await open(path);
        const lines = reader === null ? (isFirst ? lastWordsOf(path) : []) : await take(reader);
        if (!isCurrent()) break;
        if (isFirst || lines.length > 0)
          emit({ label, lines, problem: reader === null ? "no log found" : "no line yet" });
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        if (isFirst) emit({ label, lines: [], problem: error.message });
      }
      await new Promise((resolve) => setTimeout(resolve, reader === null ? pause.place : pause.log));
    }
    reader?.close();
  };
  return {
    follow: (service) => {
      const own = ++turn;
      if (service === null) return;
      const { label, path } = service;
      if (path === null) emit({ label, lines: [], problem: "no log found" });
      else void followOne(label, path, () => turn === own);
    },
  };
}

/** Where no log service writes, the last words of a start that failed are all there is. */
function lastWordsOf(path: string): readonly string[] {
  return (readLastWords(path)?.lines ?? []).map(inPane);
}

/** The screen counts columns, so a line has no tabs. */
function inPane(line: string): string {
  return forTerminal(line, false).replaceAll("\t", "    ");
}

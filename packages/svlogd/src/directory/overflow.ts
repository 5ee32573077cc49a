import { Buffer } from "node:buffer";

import type { Outlet } from "./outlet.ts";

/** Takes bytes on their way to the outlet of a log, and loses lines where so much waits already. */
export interface Overflow {
  /** As of the outlet. Lines that there is no room for are lost, and counted. */
  write(bytes: Buffer, from: number, to: number): void;
  /** How much may wait, in bytes, before lines are lost; null: as much as comes, and nothing is lost. */
  limit(most: number | null): void;
  /** Whether it loses lines rather than let them wait. */
  isLossy(): boolean;
  /** How many lines have been lost since it was last asked to forget them. */
  lost(): number;
  forget(): void;
}

const newline = 10;
const ending = Buffer.from("\n");

/**
 * A line of which the start waits or is in the log gets a newline where it is cut off, and counts as lost. Of a line whose
 * start is lost the rest is lost as well. So no line is glued to another one.
 */
export function createOverflow(outlet: Pick<Outlet<never>, "write" | "backlog" | "isPausing">): Overflow {
  let most: number | null = null;
  let lost = 0;
  /** Whether what was last passed on, or what was last lost, ends within a line. */
  let isMidLine = false;
  let isInLostLine = false;

  /** Passes over the rest of a line that is lost; returns where the next one begins. */
  const skipLostLine = (bytes: Buffer, from: number, to: number): number => {
    const end = bytes.indexOf(newline, from) + 1;
    if (end === 0 || end > to) return to;
    isInLostLine = false;
    return end;
  };

  const lose = (bytes: Buffer, from: number, to: number): void => {
    if (isMidLine) {
      isMidLine = false;
      outlet.write(ending, 0, ending.length);
      lost++;
      isInLostLine = true;
    }
    for (let at = isInLostLine ? skipLostLine(bytes, from, to) : from; at < to;) {
      lost++;
      isInLostLine = true;
      at = skipLostLine(bytes, at, to);
    }
  };

  return {
    write: (bytes, from, to) => {
      const start = isInLostLine ? skipLostLine(bytes, from, to) : from;
      if (start === to) return;
      const hasRoom = most === null || !outlet.isPausing() || outlet.backlog() + to - start <= most;
      if (!hasRoom) return lose(bytes, start, to);
      isMidLine = bytes[to - 1] !== newline;
      outlet.write(bytes, start, to);
    },
    limit: (bytes) => {
      most = bytes;
    },
    isLossy: () => most !== null,
    lost: () => lost,
    forget: () => {
      lost = 0;
    },
  };
}

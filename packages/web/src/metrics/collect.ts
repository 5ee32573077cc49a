import { readdirSync, statSync } from "node:fs";

import type { Snapshot } from "@upkeep/client/core/json";
import { tableOf } from "@upkeep/client/core/process-table";
import { endCount, newerThan, withLast } from "@upkeep/client/core/same-ends";
import { measure, type Total } from "@upkeep/client/core/usage";
import { readHistory } from "@upkeep/client/service/history";
import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import { listLoads, pageSize } from "@upkeep/linux/process/process-load";
import { findLog } from "@upkeep/logs/find/find-log";
import type { LastEnd } from "@upkeep/supervise/core/state-json";

import { countEnds, type EndCounts } from "../core/ends.ts";
import type { ServiceFacts } from "../core/families.ts";
import type { Look } from "../core/live.ts";
import type { Directories } from "../look/directories.ts";
import { createBreather } from "../server/breather.ts";

/** Finds out what monitoring wants to know. It works only when it is asked. */
export interface Collector {
  /** Others get their turn meanwhile. */
  collect(look: Look): Promise<readonly ServiceFacts[]>;
}

/** Milliseconds for which the place of a log counts as known. */
const logPlaceLasts = 60_000;

interface Remembered {
  readonly ends: EndCounts;
  readonly log: { readonly directory: string | null; readonly until: number };
  /** The processor time of this start, in ticks. */
  readonly total: Total | null;
}

export function createCollector(directories: Directories): Collector {
  const units = { pageBytes: pageSize(), tickMillis };
  let remembered: ReadonlyMap<string, Remembered> = new Map();

  return {
    collect: async ({ services }) => {
      const letOthersIn = createBreather();
      const now = performance.now();
      const table = tableOf(listLoads());
      const fresh = new Map<string, Remembered>();
      const facts: ServiceFacts[] = [];
      for (const { id, directory, snapshot } of services) {
        await letOthersIn();
        const before = remembered.get(id);
        const path = directories.serviceOf(id)?.service.path ?? null;
        const ends = endsOf(before?.ends ?? null, snapshot, path === null ? [] : readHistory(path));
        const isKnown = before !== undefined && before.log.until > now;
        const log = isKnown ? before.log : { directory: logOf(path), until: now + logPlaceLasts };
        const used = measure(snapshot, table, null, now, units);
        const total = grown(before?.total ?? null, used?.total ?? null);
        fresh.set(id, { ends, log, total });
        facts.push({
          name: snapshot.label,
          directory,
          snapshot,
          cpuMillis: total === null ? null : total.ticks * tickMillis,
          residentBytes: used?.use.residentBytes ?? null,
          processes: used?.use.processes ?? 0,
          openFiles: used === null ? null : openFiles(table.membersOf(snapshot).map(({ pid }) => pid)),
          logBytes: log.directory === null ? null : bytesIn(log.directory),
          ends: ends.counts,
        });
      }
      remembered = fresh;
      return facts;
    },
  };
}

/** What is on record may be older than what was looked at, or newer. */
function endsOf(before: EndCounts | null, { state }: Snapshot, recorded: readonly LastEnd[]): EndCounts {
  if (!("record" in state)) return countEnds(before, recorded, null);
  const { lastExit } = state.details;
  const count = endCount(state.record, state.details);
  const newer = lastExit === null ? recorded.length : newerThan(lastExit, recorded);
  return countEnds(before, withLast(recorded, state), count === null ? null : count + newer);
}

/** The time of a child that nobody waits for is lost. A counter that falls by that would seem to begin anew. */
function grown(before: Total | null, now: Total | null): Total | null {
  if (now === null || before?.start !== now.start) return now;
  return { ...now, ticks: Math.max(now.ticks, before.ticks) };
}

function logOf(path: string | null): string | null {
  return path === null ? null : findLog(path).directory;
}

/** Null where we may not look at one of them: less than all would be a number that means nothing. */
function openFiles(pids: readonly number[]): number | null {
  let count = 0;
  for (const pid of pids) {
    try {
      count += readdirSync(`/proc/${pid}/fd`).length;
    } catch (error) {
      // One that has ended holds nothing.
      if (errnoOf(error) !== errno.ENOENT) return null;
    }
  }
  return count;
}

/** The size of what a logger keeps in its directory; null where we may not look. */
function bytesIn(directory: string): number | null {
  try {
    const logs = readdirSync(directory).filter(
      (name) => name === "current" || name === "previous" || name.startsWith("@"),
    );
    return logs.reduce(
      (sum, name) => sum + (statSync(`${directory}/${name}`, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  } catch {
    return null;
  }
}

import { describeSnapshot, type Snapshot } from "@upkeep/client/core/json";
import { stateInAWord } from "@upkeep/client/core/picture";
import type { Use } from "@upkeep/client/core/usage";

import type { ChangeEvent, DirectoryEntry, ServiceEntry, ServiceList, UseEvent, UseRow } from "./api.ts";

// What readers of events are told is derived from the state and from how far each reader is, not from a queue: a reader
// that is slow, or was away, needs no memory, and gets the latest state of whatever has changed meanwhile.

/** A service as it was found. */
export interface Found {
  readonly id: string;
  readonly directory: string;
  /** The same object as at the look before where nothing was read anew. */
  readonly snapshot: Snapshot;
  readonly use: Use | null;
  readonly sameEnds: readonly number[];
}

/** What one look finds. */
export interface Look {
  readonly directories: readonly DirectoryEntry[];
  readonly services: readonly Found[];
}

/** A service, and in which revisions it changed last. */
interface Tracked {
  readonly snapshot: Snapshot;
  readonly entry: Omit<ServiceEntry, "use">;
  /** What of the entry counts as a change: all but how many seconds have passed. */
  readonly content: string;
  readonly use: Use | null;
  readonly changed: number;
  readonly used: number;
}

/** All services at the last look, with enough of the past to tell readers what they have missed. */
export interface Live {
  /** Grows with each look that finds something new. */
  readonly revision: number;
  readonly directories: readonly DirectoryEntry[];
  readonly directoriesChanged: number;
  readonly services: ReadonlyMap<string, Tracked>;
  /** Services that have gone, and in which revision; the oldest one first. */
  readonly removed: ReadonlyMap<string, number>;
  /** Who has not seen this revision cannot be told what has gone since. */
  readonly floor: number;
}

/** So many services that have gone are remembered. */
const mostRemoved = 1000;

export const nothingYet: Live = {
  revision: 0,
  directories: [],
  directoriesChanged: 0,
  services: new Map(),
  removed: new Map(),
  floor: 0,
};

/** Takes note of a look. If nothing is new, the revision stays the same. */
export function notice(live: Live, look: Look): Live {
  const next = live.revision + 1;
  const services = new Map(look.services.map((found) => [found.id, track(found, live.services.get(found.id), next)]));
  const gone = [...live.services.keys()].filter((id) => !services.has(id));
  const areDirectoriesNew = JSON.stringify(look.directories) !== JSON.stringify(live.directories);
  const hasNews = [...services.values()].some(({ changed, used }) => changed === next || used === next);
  if (!areDirectoriesNew && gone.length === 0 && !hasNews) return { ...live, services };
  const kept = [...live.removed].filter(([id]) => !services.has(id));
  const removed = [...kept, ...gone.map((id) => [id, next] as const)];
  const forgotten = removed.slice(0, Math.max(0, removed.length - mostRemoved));
  return {
    revision: next,
    directories: areDirectoriesNew ? look.directories : live.directories,
    directoriesChanged: areDirectoriesNew ? next : live.directoriesChanged,
    services,
    removed: new Map(removed.slice(forgotten.length)),
    floor: Math.max(live.floor, forgotten.at(-1)?.[1] ?? 0),
  };
}

function track(found: Found, before: Tracked | undefined, revision: number): Tracked {
  const { id, directory, snapshot, use, sameEnds } = found;
  const isSameUse = before !== undefined && equalUse(before.use, use);
  if (before?.snapshot === snapshot) return isSameUse ? before : { ...before, use, used: revision };
  // The seconds that have passed are told of a moment: see entryAt.
  const entry = { ...describeSnapshot(snapshot, 0), id, directory, condition: stateInAWord(snapshot), sameEnds };
  const content = JSON.stringify(entry);
  const isSame = before?.content === content;
  if (isSame && isSameUse) return { ...before, snapshot };
  const changed = isSame ? before.changed : revision;
  const used = isSameUse ? before.used : revision;
  return { snapshot, entry: isSame ? before.entry : entry, content, use, changed, used };
}

function equalUse(one: Use | null, other: Use | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.percent === other.percent && one.residentBytes === other.residentBytes && one.processes === other.processes
  );
}

/** A moment by the server's clock, in ms since 1970. */
type Moment = number;

/** All there is. */
export function listOf({ directories, services }: Live, now: Moment, mayControl: boolean): ServiceList {
  return {
    version: 1,
    time: timeText(now),
    mayControl,
    directories,
    services: [...services.values()].map((one) => entryAt(one, now)),
  };
}

/** What the last look found. */
export function foundIn({ directories, services }: Live): Look {
  const found = [...services].map(([id, { entry, snapshot, use }]) => ({
    id,
    directory: entry.directory,
    snapshot,
    use,
    sameEnds: entry.sameEnds,
  }));
  return { directories, services: found };
}

/** One service; null where there is none of that id. */
export function entryOf({ services }: Live, id: string, now: Moment): ServiceEntry | null {
  const found = services.get(id);
  return found === undefined ? null : entryAt(found, now);
}

/** What a reader is to be told. */
export type News =
  | { readonly kind: "state"; readonly data: ServiceList }
  | { readonly kind: "change"; readonly data: ChangeEvent }
  | { readonly kind: "use"; readonly data: UseEvent };

/**
 * What a reader has missed, in the order in which it is to be told.
 *
 * @param seen the last revision that the reader knows; null: none.
 */
export function newsSince(live: Live, seen: number | null, now: Moment, mayControl: boolean): readonly News[] {
  if (seen === null || seen < live.floor || seen > live.revision)
    return [{ kind: "state", data: listOf(live, now, mayControl) }];
  if (seen === live.revision) return [];
  const services = [...live.services.values()];
  const changed = services.filter((one) => one.changed > seen).map((one) => entryAt(one, now));
  const removed = [...live.removed].flatMap(([id, revision]) => (revision > seen ? [id] : []));
  const directories = live.directoriesChanged > seen ? live.directories : null;
  const uses = services.filter((one) => one.changed <= seen && one.used > seen).map(useRow);
  const time = timeText(now);
  const hasChange = changed.length > 0 || removed.length > 0 || directories !== null;
  return [
    ...(hasChange ? [{ kind: "change" as const, data: { time, services: changed, removed, directories } }] : []),
    ...(uses.length > 0 ? [{ kind: "use" as const, data: { time, uses } }] : []),
  ];
}

function entryAt({ entry, use }: Tracked, now: Moment): ServiceEntry {
  const { log } = entry;
  const aged = { ...entry, seconds: secondsSince(entry.since, now), use };
  return log === undefined || log === null ? aged : { ...aged, log: { ...log, seconds: secondsSince(log.since, now) } };
}

function secondsSince(since: string | null, now: Moment): number | null {
  return since === null ? null : Math.max(0, Math.floor(now / 1000) - Math.floor(Date.parse(since) / 1000));
}

function useRow({ entry: { id }, use }: Tracked): UseRow {
  return use === null ? [id] : [id, use.percent, use.residentBytes, use.processes];
}

function timeText(now: Moment): string {
  return new Date(now).toISOString();
}

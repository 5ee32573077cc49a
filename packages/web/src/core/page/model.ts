import { endsOf } from "@upkeep/client/core/same-ends";
import type { Use } from "@upkeep/client/core/usage";

import type { BeatEvent, ChangeEvent, DirectoryEntry, ServiceEntry, StateEvent, UseEvent } from "../api.ts";
import type { PageService } from "./rows.ts";
import { snapshotOf } from "./snapshot.ts";

/** What the page knows of all services. */
export interface Model {
  readonly mayControl: boolean;
  readonly directories: readonly DirectoryEntry[];
  /** In the order of the directories, then of the names. */
  readonly services: readonly PageService[];
  /** The server's clock at the last event, in ms since 1970; null before the first one. */
  readonly serverMillis: number | null;
  /** When the curves were sampled, on the server's clock in ms; the newest one last. */
  readonly sampledAt: readonly number[];
}

export const emptyModel: Model = {
  mayControl: false,
  directories: [],
  services: [],
  serverMillis: null,
  sampledAt: [],
};

/** So many samples are kept of each service. */
export const mostSamples = 150;

/** Takes all there is. Curves of services that are still there go on. */
export function takeState(model: Model, { time, mayControl, directories, services }: StateEvent): Model {
  const known = byId(model);
  const places = placesOf(directories);
  const all = services.map((entry) => serviceOf(entry, known.get(entry.id), places));
  return { ...model, mayControl, directories, services: all, serverMillis: Date.parse(time) };
}

/** Takes what has changed. */
export function takeChange(model: Model, { time, services, removed, directories: others }: ChangeEvent): Model {
  const directories = others ?? model.directories;
  const known = byId(model);
  const places = placesOf(directories);
  const gone = new Set(removed);
  const changed = new Map(services.map((entry) => [entry.id, entry]));
  const kept = model.services.flatMap((one) => {
    const entry = changed.get(one.id);
    if (gone.has(one.id)) return [];
    return [entry === undefined ? one : serviceOf(entry, one, places)];
  });
  const added = services.filter(({ id }) => !known.has(id)).map((entry) => serviceOf(entry, undefined, places));
  const all = added.length === 0 ? kept : inOrder([...kept, ...added], directories);
  return { ...model, directories, services: all, serverMillis: Date.parse(time) };
}

/** Takes what services use. */
export function takeUse(model: Model, { time, uses }: UseEvent): Model {
  const changed = new Map(
    uses.map(([id, percent = null, residentBytes, processes = 0]): readonly [string, Use | null] => [
      id,
      residentBytes === undefined ? null : { percent, residentBytes, processes },
    ]),
  );
  const services = model.services.map((one) => {
    const use = changed.get(one.id);
    return use === undefined ? one : { ...one, use };
  });
  return { ...model, services, serverMillis: Date.parse(time) };
}

export function takeBeat(model: Model, { time }: BeatEvent): Model {
  return { ...model, serverMillis: Date.parse(time) };
}

/** Adds what services use now to their curves. */
export function sample(model: Model, atMillis: number): Model {
  const services = model.services.map((one) => {
    const { use, percents, bytes } = one;
    // Of one that has never run there is no curve.
    if (use === null && percents.length === 0) return one;
    return { ...one, percents: push(percents, use?.percent ?? 0), bytes: push(bytes, use?.residentBytes ?? 0) };
  });
  return { ...model, services, sampledAt: push(model.sampledAt, atMillis) };
}

function push(values: readonly number[], value: number): readonly number[] {
  return [...(values.length < mostSamples ? values : values.slice(1 - mostSamples)), value];
}

function byId({ services }: Model): ReadonlyMap<string, PageService> {
  return new Map(services.map((one) => [one.id, one]));
}

/** The labels of the directories by their paths. */
function placesOf(directories: readonly DirectoryEntry[]): ReadonlyMap<string, string | null> {
  return new Map(directories.map(({ path, label }) => [path, label]));
}

function serviceOf(
  entry: ServiceEntry,
  before: PageService | undefined,
  places: ReadonlyMap<string, string | null>,
): PageService {
  const { id, directory, use, lastExit, sameEnds } = entry;
  const { percents = [], bytes = [] } = before ?? {};
  const place = places.get(directory) ?? null;
  const ends = endsOf(lastExit, sameEnds);
  return { id, directory, place, snapshot: snapshotOf(entry), use, percents, bytes, ends };
}

function inOrder(services: readonly PageService[], directories: readonly DirectoryEntry[]): readonly PageService[] {
  const place = new Map(directories.map(({ path }, index) => [path, index]));
  const placeOf = ({ directory }: PageService): number => place.get(directory) ?? directories.length;
  return services.toSorted((one, other) => {
    const first = placeOf(one) - placeOf(other);
    if (first !== 0) return first;
    return one.snapshot.label < other.snapshot.label ? -1 : one.snapshot.label > other.snapshot.label ? 1 : 0;
  });
}

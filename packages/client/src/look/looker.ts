import { statSync } from "node:fs";

import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import { SystemError } from "@upkeep/linux/core/errno";
import { listLoads, pageSize, type ProcessLoad } from "@upkeep/linux/process/process-load";
import { noDetails } from "@upkeep/supervise/core/state-json";

import { tellsOfEnds } from "../core/in-words.ts";
import type { Snapshot } from "../core/json.ts";
import { type ProcessTable, tableOf } from "../core/process-table.ts";
import { endCount, followed, type SameEnds, sameEndsIn, withLast } from "../core/same-ends.ts";
import { type Looked, measure, type Total, type Units, type Use } from "../core/usage.ts";
import {
  hasFile,
  isMissing,
  logServiceOf,
  type Probe,
  probe,
  probeListening,
  release,
  type Service,
  troubleOf,
} from "../service/client.ts";
import { tryReadDetails } from "../service/details.ts";
import { readHistory } from "../service/history.ts";
import type { Listed } from "../service/scan-directory.ts";

/** A service as a looker found it. */
export interface Seen extends Looked {
  /**
   * When it ended in the same way in a row, in seconds since 1970, the last time first. None where {@link describeInWords}
   * tells of no ends, and where one does not look at the whole. The same array for as long as the snapshot is the same.
   */
  readonly sameEnds: readonly number[];
}

/** What one look finds. */
export interface View {
  readonly services: readonly Seen[];
  readonly trouble: string | null;
}

/** Looks at services again and again. What has not changed costs little: `sv top` must not be what keeps a processor busy. */
export interface Looker {
  /**
   * A service whose files have not changed keeps its snapshot, the same object.
   *
   * @param shown the labels of services that are on the screen, and are looked at more closely. @param now monotonic ms.
   */
  look(shown: ReadonlySet<string>, now: number): View;
  serviceOf(label: string): Service | undefined;
}

/** How closely one looks. */
export interface Looks {
  /** Also at log services, at `down`, and at how services have ended before. */
  readonly isWhole: boolean;
  /** Whoever has several lookers lets them share this. */
  readonly processes: Processes;
}

/** Milliseconds until services are listed anew, and until one is looked at although its files are the same: a killed `runsv` leaves them. */
const patience = { list: 2000, shown: 2000, others: 10_000 } as const;
/** Listing all processes may take this part of the time. */
const share = 0.005;

interface Known {
  readonly service: Service;
  snapshot: Snapshot;
  ends: SameEnds | null;
  sameEnds: readonly number[];
  /** Names the files of `supervise/` that it was read from. */
  version: string;
  atMillis: number;
  total: Total | null;
  use: Use | null;
}

/** @param find lists the services; throws SystemError when it cannot. Each is opened once for as long as it is listed. */
export function createLooker(find: () => readonly Listed[], { isWhole, processes }: Looks): Looker {
  let known = new Map<string, Known>();
  let listedAt = -Infinity;
  let trouble: string | null = null;

  const list = (now: number): void => {
    if (now - listedAt < patience.list) return;
    listedAt = now;
    try {
      const before = known;
      known = new Map(find().map((one) => [one.label, before.get(one.label) ?? unknown(one.open())]));
      for (const [label, { service }] of before) if (!known.has(label)) release(service);
      trouble = null;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      trouble = error.message;
    }
  };
  return {
    serviceOf: (label) => known.get(label)?.service,
    look: (shown, now) => {
      list(now);
      for (const one of known.values()) {
        const longest = shown.has(one.service.label) ? patience.shown : patience.others;
        refresh(one, now, longest, isWhole);
      }
      const table = processes.list(now);
      if (table !== null) for (const one of known.values()) use(one, table, now, processes.units);
      return { services: [...known.values()].map(seen), trouble };
    },
  };
}

function unknown(service: Service): Known {
  const snapshot = { label: service.label, path: service.path, state: noState, isNormallyDown: null };
  return { service, snapshot, ends: null, sameEnds: none, version: "", atMillis: -Infinity, total: null, use: null };
}

function seen(known: Known): Seen {
  return { snapshot: known.snapshot, use: known.use, sameEnds: known.sameEnds };
}

const none: readonly number[] = [];
const noState = { severity: "fail", message: "" } as const;

/** Reads what a service says, if its files have changed or it is time. */
function refresh(known: Known, now: number, longest: number, isWhole: boolean): void {
  const { service } = known;
  const version = versionOf(service, isWhole);
  const age = now - known.atMillis;
  if (version === known.version && age < longest) return;
  known.version = version;
  known.atMillis = now;
  const own = snapshotOf(service);
  // What belongs to this status is still to be written: look again.
  if (own.isStale) known.version = "";
  if (!isWhole) {
    known.snapshot = own.snapshot;
    return;
  }
  const log = service.path === null ? null : logSnapshot(logServiceOf(service.label, service.path));
  if (log?.isStale === true) known.version = "";
  known.snapshot = { ...own.snapshot, isNormallyDown: normallyDown(service), log: log?.snapshot ?? null };
  noteEnds(known);
}

/** A record is read only where ends were missed: it is long, and changes at each end. */
function noteEnds(known: Known): void {
  const { snapshot, service } = known;
  const { state } = snapshot;
  known.sameEnds = none;
  if (service.path === null || !("record" in state) || !tellsOfEnds(state, Date.now() / 1000)) return;
  const read = (path: string): SameEnds | null =>
    sameEndsIn(withLast(readHistory(path), state), endCount(state.record, state.details));
  known.ends = followed(known.ends, state) ?? read(service.path);
  known.sameEnds = known.ends?.times ?? none;
}

interface Status {
  readonly snapshot: Snapshot;
  readonly isStale: boolean;
}

function snapshotOf(service: Service, found: Probe = probeListening(service)): Status {
  const { label, place: path = service.path } = service;
  if (found.kind !== "supervised")
    return { snapshot: { label, path, state: troubleOf(found), isNormallyDown: null }, isStale: false };
  const details = tryReadDetails(found);
  const isStale = details === "stale";
  const state = { record: found.record, details: isStale ? noDetails : details };
  return { snapshot: { label, path, state, isNormallyDown: null }, isStale };
}

function logSnapshot(service: Service): Status | null {
  const found = probe(service);
  if (isMissing(found)) return null;
  const { snapshot, isStale } = snapshotOf(service, found);
  return { snapshot: { ...snapshot, isNormallyDown: normallyDown(service) }, isStale };
}

function normallyDown({ path, label }: Service): boolean | null {
  try {
    return path === null ? null : hasFile(path, label, "down");
  } catch {
    return null;
  }
}

function use(known: Known, table: ProcessTable<ProcessLoad>, now: number, units: Units): void {
  const found = measure(known.snapshot, table, known.total, now, units);
  known.total = found?.total ?? null;
  known.use = found?.use ?? null;
}

/** The files are replaced, never rewritten. */
function versionOf({ path }: Service, isWhole: boolean): string {
  const own = `${identify(`${path}/supervise/status`)} ${identify(`${path}/supervise/state.json`)}`;
  if (!isWhole) return own;
  return `${own} ${identify(`${path}/log/supervise/status`)} ${identify(`${path}/down`)}`;
}

function identify(path: string): string {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? "" : `${found.ino} ${found.mtimeMs}`;
  } catch {
    // It is not for us to see.
    return "?";
  }
}

/** All processes, for those who measure what services use. */
export interface Processes {
  readonly units: Units;
  /** All of them; null: it is too early for that. */
  list(now: number): ProcessTable<ProcessLoad> | null;
}

/** Where there are very many processes, they are listed less often. */
export function createProcesses(): Processes {
  let next = -Infinity;
  let last: { readonly at: number; readonly table: ProcessTable<ProcessLoad> } | null = null;
  return {
    units: { pageBytes: pageSize(), tickMillis },
    list: (now) => {
      if (last?.at === now) return last.table;
      if (now < next) return null;
      const { user, system } = process.cpuUsage();
      const table = tableOf(listLoads());
      const spent = process.cpuUsage({ user, system });
      next = now + (spent.user + spent.system) / 1000 / share;
      last = { at: now, table };
      return table;
    },
  };
}

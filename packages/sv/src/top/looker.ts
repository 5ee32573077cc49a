import { statSync } from "node:fs";

import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import { SystemError } from "@upkeep/linux/core/errno";
import { listLoads, pageSize, type ProcessLoad } from "@upkeep/linux/process/process-load";
import { noDetails } from "@upkeep/supervise/core/state-json";

import type { Snapshot } from "../core/json.ts";
import { type ProcessTable, tableOf } from "../core/process-table.ts";
import type { Looked } from "../core/top/state.ts";
import { measure, type Total, type Units, type Use } from "../core/top/usage.ts";
import { probe, type Service, troubleOf } from "../service/client.ts";
import { tryReadDetails } from "../service/details.ts";

/** What one look finds. */
export interface View {
  readonly services: readonly Looked[];
  readonly trouble: string | null;
}

/** Looks at services again and again. What has not changed costs little: `sv top` must not be what keeps a processor busy. */
export interface Looker {
  /** @param shown the labels of services that are on the screen, and are looked at more closely. */
  look(shown: ReadonlySet<string>): View;
  serviceOf(label: string): Service | undefined;
}

/** Milliseconds until services are listed anew, and until one is looked at although its files are the same: a killed `runsv` leaves them. */
const patience = { list: 2000, shown: 2000, others: 10_000 } as const;
/** Listing all processes may take this part of the time. */
const share = 0.005;

interface Known {
  readonly service: Service;
  snapshot: Snapshot;
  /** Names the files of `supervise/` that it was read from. */
  version: string;
  atMillis: number;
  total: Total | null;
  use: Use | null;
}

/** @param find lists the services; throws SystemError when it cannot. */
export function createLooker(find: () => readonly Service[]): Looker {
  const processes = createProcesses();
  let known = new Map<string, Known>();
  let listedAt = -Infinity;
  let trouble: string | null = null;

  const list = (now: number): void => {
    if (now - listedAt < patience.list) return;
    listedAt = now;
    try {
      known = new Map(find().map((service) => [service.label, known.get(service.label) ?? unknown(service)]));
      trouble = null;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      trouble = error.message;
    }
  };
  return {
    serviceOf: (label) => known.get(label)?.service,
    look: (shown) => {
      const now = performance.now();
      list(now);
      for (const one of known.values()) refresh(one, now, shown.has(one.service.label));
      const table = processes.list(now);
      if (table !== null) for (const one of known.values()) use(one, table, now, processes.units);
      return { services: [...known.values()].map((one) => ({ snapshot: one.snapshot, use: one.use })), trouble };
    },
  };
}

function unknown(service: Service): Known {
  const snapshot = { label: service.label, path: service.path, state: noState, isNormallyDown: null };
  return { service, snapshot, version: "", atMillis: -Infinity, total: null, use: null };
}

const noState = { severity: "fail", message: "" } as const;

/** Reads what a service says, if its files have changed or it is time. */
function refresh(known: Known, now: number, isShown: boolean): void {
  const { service } = known;
  const version = versionOf(service);
  const age = now - known.atMillis;
  if (version === known.version && age < (isShown ? patience.shown : patience.others)) return;
  known.version = version;
  known.atMillis = now;
  const found = probe(service);
  const { label, path } = service;
  if (found.kind !== "supervised") {
    known.snapshot = { label, path, state: troubleOf(found), isNormallyDown: null };
    return;
  }
  const details = tryReadDetails(found);
  // What belongs to this status is still to be written: look again.
  if (details === "stale") known.version = "";
  const shownDetails = details === "stale" ? noDetails : details;
  known.snapshot = { label, path, state: { record: found.record, details: shownDetails }, isNormallyDown: null };
}

function use(known: Known, table: ProcessTable<ProcessLoad>, now: number, units: Units): void {
  const found = measure(known.snapshot, table, known.total, now, units);
  known.total = found?.total ?? null;
  known.use = found?.use ?? null;
}

/** Both files are replaced, never rewritten. */
function versionOf({ path }: Service): string {
  return `${identify(`${path}/supervise/status`)} ${identify(`${path}/supervise/state.json`)}`;
}

function identify(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino} ${found.mtimeMs}`;
}

interface Processes {
  readonly units: Units;
  /** All of them; null: it is too early for that. */
  list(now: number): ProcessTable<ProcessLoad> | null;
}

/** Where there are very many processes, they are listed less often. */
function createProcesses(): Processes {
  let next = -Infinity;
  return {
    units: { pageBytes: pageSize(), tickMillis },
    list: (now) => {
      if (now < next) return null;
      const { user, system } = process.cpuUsage();
      const table = tableOf(listLoads());
      const spent = process.cpuUsage({ user, system });
      next = now + (spent.user + spent.system) / 1000 / share;
      return table;
    },
  };
}

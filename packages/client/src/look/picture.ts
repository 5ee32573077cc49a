import { isThere, readTextOrNull } from "@upkeep/linux/fd/files";
import { listProcesses } from "@upkeep/linux/process/process-info";
import { otherKnownFiles, settingKinds } from "@upkeep/service-directory/core/known-files";
import { listDependencies } from "@upkeep/service-directory/files/dependencies";
import type { RecordedEnd } from "@upkeep/supervise/core/history";
import { SystemError } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";

import type { Snapshot } from "../core/json.ts";
import { tableOf } from "../core/process-table.ts";
import { startsOf } from "../core/runs.ts";
import { type Neighbour, type Picture, stateInAWord } from "../core/picture.ts";
import { lastLinesOf } from "../log/last-lines.ts";
import { type Service, serviceAt } from "../service/client.ts";
import { homeOf } from "../service/home.ts";
import { readHistory } from "../service/history.ts";
import { processesOf } from "../service/processes.ts";
import { allServices } from "../service/scan-directory.ts";
import { type Looking, takeOwnSnapshot, takeSnapshot } from "./snapshot.ts";

/** How many lines of the log belong to it. */
const mostLines = 10;
/** The parts of every service directory, and what is told in another way. */
const usual: ReadonlySet<string> = new Set(["run", "down", "log", "control", "supervise", "dependencies.d"]);

/** Finds out all that is known of a service. */
export async function takePicture(service: Service, looking: Looking): Promise<Picture> {
  const snapshot = takeSnapshot(service, looking);
  const { path } = service;
  const home = homeOf(service);
  if (path === null || home === null) return { snapshot, ...nothing };
  const { name, siblings } = home;
  const ends = readHistory(path);
  return {
    snapshot,
    needs: dependenciesOf(path)
      .map((needed) => neighbour(needed, siblings, looking))
      .toSorted(byName),
    neededBy: dependantsOf(name, siblings, looking),
    settings: settingsOf(path),
    processes: processesOf(snapshot, tableOf(listProcesses())),
    ends,
    lastLines: await lastLinesOf(path, mostLines, null, lastStartOf(snapshot, ends)),
  };
}

const nothing = { needs: [], neededBy: [], settings: {}, processes: [], ends: [], lastLines: [] } as const;

/** In microseconds; null while it runs: then the last words are those of an earlier start. */
function lastStartOf({ state }: Snapshot, ends: readonly RecordedEnd[]): number | null {
  if (!("record" in state) || state.record.state === "run") return null;
  return startsOf(null, ends)[0] ?? null;
}

function byName(one: Neighbour, other: Neighbour): number {
  return one.name < other.name ? -1 : 1;
}

function neighbour(name: string, directory: string, looking: Looking): Neighbour {
  const path = `${directory}/${name}`;
  if (!isThere(pathOfName(path))) return { name, state: "missing" };
  return { name, state: stateInAWord(takeOwnSnapshot(serviceAt(name, path), looking)) };
}

/** None where they cannot be listed: `sv lint` and `runsv` say why. */
function dependenciesOf(path: string): readonly string[] {
  try {
    return listDependencies(path);
  } catch {
    return [];
  }
}

function dependantsOf(name: string, directory: string, looking: Looking): readonly Neighbour[] {
  try {
    return allServices(directory)
      .filter(({ label }) => isThere(pathOfName(`${directory}/${label}/dependencies.d/${name}`)))
      .map(({ label }) => neighbour(label, directory, looking));
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}

function settingsOf(path: string): Readonly<Record<string, string>> {
  const names = [...Object.keys(settingKinds), ...otherKnownFiles].filter((name) => !usual.has(name));
  const found = names.filter((name) => isThere(`${path}/${name}`));
  const valueOf = (name: string): string =>
    name === "finish" || name === "check" ? "" : (readTextOrNull(`${path}/${name}`, { mayBeLink: true }) ?? "").trim();
  return Object.fromEntries(found.map((name) => [name, valueOf(name)]));
}

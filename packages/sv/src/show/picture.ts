import { dirname } from "node:path";

import { isThere, readTextOrNull } from "@upkeep/linux/fd/files";
import { listProcesses, processInfo } from "@upkeep/linux/process/process-info";
import { processUsage } from "@upkeep/linux/process/process-usage";
import { otherKnownFiles, settingKinds } from "@upkeep/service-directory/core/known-files";
import { listDependencies } from "@upkeep/service-directory/files/dependencies";
import { SystemError } from "@upkeep/linux/core/errno";

import type { Snapshot } from "../core/json.ts";
import { type Neighbour, type Picture, type ShownProcess, stateInAWord } from "../core/picture.ts";
import { lastLinesOf } from "../log/last-lines.ts";
import { type Service, serviceOf } from "../service/client.ts";
import { readHistory } from "../service/history.ts";
import { allServices } from "../service/scan-directory.ts";
import { takeOwnSnapshot, takeSnapshot } from "./snapshot.ts";

/** How many lines of the log belong to it. */
const mostLines = 10;
/** The parts of every service directory, and what is told in another way. */
const usual: ReadonlySet<string> = new Set(["run", "down", "log", "control", "supervise", "dependencies.d"]);

/** Finds out all that is known of a service. */
export async function takePicture(service: Service): Promise<Picture> {
  const snapshot = takeSnapshot(service);
  const { path } = service;
  if (path === null) return { snapshot, ...nothing };
  return {
    snapshot,
    needs: dependenciesOf(path)
      .map((name) => neighbour(name, dirname(path)))
      .toSorted(byName),
    neededBy: dependantsOf(path, nameOf(path)),
    settings: settingsOf(path),
    processes: processesOf(snapshot),
    ends: readHistory(path),
    lastLines: await lastLinesOf(path, mostLines, null),
  };
}

const nothing = { needs: [], neededBy: [], settings: {}, processes: [], ends: [], lastLines: [] } as const;

function nameOf(path: string): string {
  return path.replace(/\/+$/, "").replace(/^.*\//, "");
}

function byName(one: Neighbour, other: Neighbour): number {
  return one.name < other.name ? -1 : 1;
}

function neighbour(name: string, directory: string): Neighbour {
  const path = `${directory}/${name}`;
  if (!isThere(path)) return { name, state: "missing" };
  return { name, state: stateInAWord(takeOwnSnapshot(serviceOf(path, directory))) };
}

/** None where they cannot be listed: `sv lint` and `runsv` say why. */
function dependenciesOf(path: string): readonly string[] {
  try {
    return listDependencies(path);
  } catch {
    return [];
  }
}

function dependantsOf(path: string, name: string): readonly Neighbour[] {
  const directory = dirname(path);
  try {
    return allServices(directory)
      .filter(({ label }) => isThere(`${directory}/${label}/dependencies.d/${name}`))
      .map(({ label }) => neighbour(label, directory));
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

/** The process that runs, what has come of it, and what is in its session or process group. */
function processesOf({ state }: Snapshot): readonly ShownProcess[] {
  if (!("record" in state) || state.record.pid === 0) return [];
  const { pid } = state.record;
  const all = listProcesses();
  const session = processInfo(pid)?.session === pid ? pid : null;
  const isMember = (one: (typeof all)[number]): boolean =>
    one.session === session || (one.group === state.details.processGroup && one.group !== null);
  const ordered: number[] = [];
  const add = (parent: number): void => {
    if (ordered.includes(parent)) return;
    ordered.push(parent);
    for (const child of all) if (child.parent === parent) add(child.pid);
  };
  add(pid);
  for (const one of all) if (isMember(one)) add(one.pid);
  return ordered.flatMap((one) => {
    const usage = processUsage(one);
    return usage === null ? [] : [{ pid: one, parent: all.find((info) => info.pid === one)?.parent ?? 0, ...usage }];
  });
}

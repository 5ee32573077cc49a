import { readdirSync, statSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";

import { type Service, serviceAt } from "./client.ts";

/** A service that is listed, and not opened yet: the path of one that is not UTF-8 takes a descriptor. */
export interface Listed {
  readonly label: string;
  /** Whoever calls it again and again gives the service back, with `release`. */
  open(): Service;
}

/** All services of a scan directory. Throws SystemError. */
export function allServices(directory: string): readonly Service[] {
  return listAll(directory).map((one) => one.open());
}

/** The same, for whoever lists them again and again. Throws SystemError. */
export function listAll(directory: string): readonly Listed[] {
  return serviceNames(directory).map((label) => ({ label, open: () => serviceAt(label, `${directory}/${label}`) }));
}

/** The names of all services in a scan directory, sorted. Throws SystemError when it cannot be read. */
export function serviceNames(directory: string): readonly string[] {
  return entryNames(directory).filter((name) => mayBeService(`${directory}/${name}`));
}

/** The names of all that is in a scan directory and not hidden, sorted. Throws SystemError when it cannot be read. */
export function entryNames(directory: string): readonly string[] {
  return namesIn(directory)
    .filter((name) => !name.startsWith("."))
    .toSorted();
}

function namesIn(directory: string): readonly string[] {
  return attempt(`open directory ${directory}`, () => {
    const path = pathOfName(directory);
    const names = readdirSync(path);
    // Only bytes tell those names that are not UTF-8. Thousands of others are read faster as texts.
    if (!names.some((name) => name.includes("\ufffd"))) return names;
    return readdirSync(path, { encoding: "buffer" }).map(nameOf);
  });
}

/** Whether it is a directory. What cannot be examined, as a link to nowhere, counts as well: the operator must hear of it. */
export function mayBeService(path: string): boolean {
  try {
    return statSync(pathOfName(path)).isDirectory();
  } catch {
    return true;
  }
}

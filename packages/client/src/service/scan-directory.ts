import { readdirSync, statSync } from "node:fs";

import { attempt } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";

import { type Service, serviceOf } from "./client.ts";

/** All services of a scan directory. Throws SystemError. */
export function allServices(directory: string): readonly Service[] {
  return serviceNames(directory).map((name) => serviceOf(name, directory));
}

/** The names of all services in a scan directory, sorted. Throws SystemError when it cannot be read. */
export function serviceNames(directory: string): readonly string[] {
  const names = attempt(`open directory ${directory}`, () =>
    readdirSync(pathOfName(directory), { encoding: "buffer" }).map(nameOf),
  );
  return names.filter((name) => !name.startsWith(".") && isDirectory(`${directory}/${name}`)).toSorted();
}

/** An entry that cannot be examined, as a link to nowhere, counts as well: the operator must hear of it. */
function isDirectory(path: string): boolean {
  try {
    return statSync(pathOfName(path)).isDirectory();
  } catch {
    return true;
  }
}

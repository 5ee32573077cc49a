import { readdirSync, statSync } from "node:fs";

import { attempt } from "@upkeep/syscalls/errno";
import { isThere } from "@upkeep/syscalls/files";

import { pathOfService } from "./arguments.ts";
import type { Service } from "./client.ts";
import { isPattern, matching } from "./glob.ts";

/** The names of all services in a scan directory, sorted. Throws SystemError when it cannot be read. */
function serviceNames(directory: string): readonly string[] {
  const names = attempt(`open directory ${directory}`, () => readdirSync(directory));
  return names.filter((name) => !name.startsWith(".") && isDirectory(`${directory}/${name}`)).toSorted();
}

/** What cannot be looked at counts as well, as a link to nowhere: whoever asks is to hear of it. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return true;
  }
}

/** All services of a scan directory. Throws SystemError. */
export function allServices(directory: string): readonly Service[] {
  return serviceNames(directory).map((name) => serviceOf(name, directory));
}

/**
 * The services of the names as they were typed. A pattern stands for all that it matches, unless there is an
 * entry of that very name; one that matches nothing stays as it is, and is a service that does not exist.
 */
export function servicesOf(labels: readonly string[], directory: string): readonly Service[] {
  const named = new Set(labels);
  const expanded = labels.flatMap((label) => {
    if (!isPattern(label) || isThere(`${directory}/${label}`)) return [label];
    const found = matching(label, quietNames(directory)).filter((name) => !named.has(name));
    for (const name of found) named.add(name);
    return found.length === 0 ? [label] : found;
  });
  return expanded.map((label) => serviceOf(label, directory));
}

function serviceOf(label: string, directory: string): Service {
  return { label, path: pathOfService(label, directory) };
}

function quietNames(directory: string): readonly string[] {
  try {
    return serviceNames(directory);
  } catch {
    return [];
  }
}

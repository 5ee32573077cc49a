import { existsSync } from "node:fs";
import { dirname } from "node:path";

import { findPlaces, makePlaces } from "./places.ts";

// `upkeep run` supervises the processes of a project, and keeps their scan directory at the place of the state of the
// project's directory. So whoever is in that directory finds it, and nothing is left in the project.

const scanDirectory = "project";

/** Where the scan directory of a project is made, if there is a place that can be trusted; else null. */
export function makeProjectPlace(project: string): string | null {
  const [place] = makePlaces(project);
  return place === undefined ? null : `${place}/${scanDirectory}`;
}

/**
 * The scan directory of the project that the working directory is in, while `upkeep run` supervises it; null if it is in
 * none.
 */
export function findProject(): string | null {
  for (let at = workingDirectory(); at !== null; at = at === "/" ? null : dirname(at)) {
    const found = findPlaces(at)
      .map((place) => `${place}/${scanDirectory}`)
      .find((path) => existsSync(`${path}/.runsvdir/holder.json`));
    if (found !== undefined) return found;
  }
  return null;
}

/** Null if it has been removed. */
function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

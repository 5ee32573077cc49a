import { type Service, serviceOf } from "@upkeep/client/service/client";
import { type Listed, serviceNames } from "@upkeep/client/service/scan-directory";
import { pathOfService } from "@upkeep/client/core/service-path";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { isThere } from "@upkeep/linux/fd/files";

import { matching, type Pattern, patternIn } from "../core/glob.ts";

/** As {@link listServices}, opened. */
export function servicesOf(labels: readonly string[], directory: string): readonly Service[] {
  return listServices(labels, directory).map((one) => one.open());
}

/**
 * The services of the names as they were typed. A pattern stands for all services that it matches, unless an entry
 * has that very name. With `/log` it stands for the log services that exist. A pattern that matches nothing stays as
 * it is.
 */
export function listServices(labels: readonly string[], directory: string): readonly Listed[] {
  const named = new Set(labels);
  const listed = (label: string): Listed => ({ label, open: () => serviceOf(label, directory) });
  return labels.flatMap((label): readonly Listed[] => {
    const path = pathOfService(label, directory);
    const pattern = patternIn(label);
    if (pattern === null || (path !== null && isThere(pathOfName(path)))) return [listed(label)];
    const place = directoryOf(pattern, directory);
    const found = expand(pattern, place);
    if (found.length === 0) return [{ label, open: () => ({ label, path, unmatched: place }) }];
    const fresh = found.filter((name) => !named.has(name));
    for (const name of fresh) named.add(name);
    return fresh.map(listed);
  });
}

/** The directory whose names a pattern is compared with. It is the same as for a name without a pattern. */
function directoryOf({ before, after }: Pattern, directory: string): string {
  const isPath = /^[./]/.test(before) || after.endsWith("/");
  const place = isPath ? before : `${directory}/${before}`;
  return place.replace(/(?<=.)\/+$/, "") || ".";
}

function expand({ before, pattern, after }: Pattern, place: string): readonly string[] {
  return matching(pattern, quietNames(place))
    .filter((name) => !after.startsWith("/log") || isThere(pathOfName(`${place}/${name}/log`)))
    .map((name) => `${before}${name}${after}`);
}

function quietNames(directory: string): readonly string[] {
  try {
    return serviceNames(directory);
  } catch {
    return [];
  }
}

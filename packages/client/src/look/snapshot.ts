import { SystemError } from "@upkeep/linux/core/errno";

import type { Snapshot } from "../core/json.ts";
import {
  hasFile,
  isMissing,
  logServiceOf,
  type Probe,
  probe,
  probeListening,
  release,
  type Service,
  serviceAt,
  troubleOf,
} from "../service/client.ts";
import { readDetails } from "../service/details.ts";
import { entryNames, type Listed, mayBeService } from "../service/scan-directory.ts";

/** How one looks at services. */
export interface Looking {
  /** Is told of what cannot be read beside the answer. */
  readonly warn: (message: string) => void;
  /** How long one waits for a `state.json` that is to follow its status, in ms, without doing anything else. */
  readonly wait: number;
}

/** What is known of a service and of its log service. */
export function takeSnapshot(service: Service, looking: Looking): Snapshot {
  const own = takeOwnSnapshot(service, looking);
  if (service.path === null) return { ...own, log: null };
  const log = logServiceOf(service.label, service.path);
  const found = probe(log);
  return { ...own, log: isMissing(found) ? null : takeOwnSnapshot(log, looking, found) };
}

/** What is known of a service without its log service. */
export function takeOwnSnapshot(service: Service, looking: Looking, found: Probe = probe(service)): Snapshot {
  const snapshot = glanceAt(service, looking, found);
  if (found.kind !== "supervised") return snapshot;
  return { ...snapshot, isNormallyDown: isNormallyDown(found.path, service.label, looking.warn) };
}

/** What its supervisor says of a service, with the fewest system calls. Whether it is normally down is not found out. */
function glanceAt(service: Service, { wait }: Looking, found: Probe = probeListening(service)): Snapshot {
  const { label, place: path = service.path } = service;
  if (found.kind !== "supervised") return { label, path, state: troubleOf(found), isNormallyDown: null };
  const { record, details } = readDetails(service, found, wait);
  return { label, path, state: { record, details }, isNormallyDown: null };
}

/** What the supervisors of services say; not whether they are normally down. */
export function glanceAtEach(listed: readonly Listed[], looking: Looking): readonly Snapshot[] {
  return listed.map((one) => glanceOnce(one.open(), looking));
}

/**
 * The same for all services of a scan directory. Throws SystemError when it cannot be read.
 *
 * @param enter makes it the working directory, from where the kernel has a shorter way to each service; false: it did not.
 */
export function glanceAtAll(
  directory: string,
  looking: Looking,
  enter: (directory: string) => boolean = () => false,
): readonly Snapshot[] {
  const labels = entryNames(directory);
  const isInside = enter(directory);
  return labels.flatMap((label) => {
    const place = `${directory}/${label}`;
    const way = isInside ? label : place;
    const snapshot = glanceOnce(serviceAt(label, place, way), looking);
    // Where a supervisor listens there is a directory, and nobody need ask.
    return "record" in snapshot.state || mayBeService(way) ? [snapshot] : [];
  });
}

function glanceOnce(service: Service, looking: Looking): Snapshot {
  try {
    return glanceAt(service, looking);
  } finally {
    release(service);
  }
}

/** Whether there is a `down` file; null, after a warning, when that cannot be told. */
export function isNormallyDown(path: string, label: string, warn: (message: string) => void): boolean | null {
  try {
    return hasFile(path, label, "down");
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    warn(error.message);
    return null;
  }
}

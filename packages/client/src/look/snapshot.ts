import { SystemError } from "@upkeep/linux/core/errno";

import type { Snapshot } from "../core/json.ts";
import { hasFile, isMissing, logServiceOf, type Probe, probe, type Service, troubleOf } from "../service/client.ts";
import { readDetails } from "../service/details.ts";

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
  const { label, place: path = service.path } = service;
  if (found.kind !== "supervised") return { label, path, state: troubleOf(found), isNormallyDown: null };
  const { record, details } = readDetails(service, found, looking.wait);
  return { label, path, state: { record, details }, isNormallyDown: isNormallyDown(found.path, label, looking.warn) };
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

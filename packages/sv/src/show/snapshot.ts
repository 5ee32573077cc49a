import type { Snapshot } from "../core/json.ts";
import { isMissing, logServiceOf, type Probe, probe, type Service, troubleOf } from "../service/client.ts";
import { readDetails } from "../service/details.ts";
import { isNormallyDownOrWarn } from "./console.ts";

/** What is known of a service and of its log service. */
export function takeSnapshot(service: Service): Snapshot {
  const own = takeOwnSnapshot(service);
  if (service.path === null) return { ...own, log: null };
  const log = logServiceOf(service.label, service.path);
  const found = probe(log);
  return { ...own, log: isMissing(found) ? null : takeOwnSnapshot(log, found) };
}

/** What is known of a service without its log service. */
export function takeOwnSnapshot(service: Service, found: Probe = probe(service)): Snapshot {
  const { label, place: path = service.path } = service;
  if (found.kind !== "supervised") return { label, path, state: troubleOf(found), isNormallyDown: null };
  const { record, details } = readDetails(service, found);
  return { label, path, state: { record, details }, isNormallyDown: isNormallyDownOrWarn(found.path, label) };
}

import { errno } from "@upkeep/linux/core/errno";

import { probe, type Service, troubleOf } from "../service/client.ts";
import { isNormallyDownOrWarn } from "./console.ts";
import { readDetails } from "../service/details.ts";
import type { Snapshot } from "../core/json.ts";

/** What is known of a service and of its log service. */
export function takeSnapshot(service: Service): Snapshot {
  const own = takeOwnSnapshot(service);
  if (service.path === null) return { ...own, log: null };
  const logService = { label: `${service.label}/log`, path: `${service.path}/log` };
  return { ...own, log: hasNoLog(logService) ? null : takeOwnSnapshot(logService) };
}

/** What is known of a service without its log service. */
export function takeOwnSnapshot(service: Service): Snapshot {
  const { label, path } = service;
  const found = probe(service);
  if (found.kind !== "supervised") return { label, path, state: troubleOf(found), isNormallyDown: null };
  const { record, details } = readDetails(service, found);
  return { label, path, state: { record, details }, isNormallyDown: isNormallyDownOrWarn(found.path, label) };
}

function hasNoLog(service: Service): boolean {
  const found = probe(service);
  return found.kind === "no directory" && found.errno === errno.ENOENT;
}

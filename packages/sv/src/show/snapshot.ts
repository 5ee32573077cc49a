import { errno } from "@upkeep/linux/core/errno";

import { probe, type Service, troubleOf } from "../service/client.ts";
import { isNormallyDownOrWarn } from "./console.ts";
import { describeFully } from "../service/details.ts";
import type { Snapshot } from "../core/json.ts";

/** Looks at a service, and at its log service unless told not to. */
export function takeSnapshot(service: Service): Snapshot {
  const own = lookAt(service);
  if (service.path === null) return { ...own, log: null };
  const logService = { label: `${service.label}/log`, path: `${service.path}/log` };
  return { ...own, log: hasNoLog(logService) ? null : lookAt(logService) };
}

/** Looks at a service alone. */
export function lookAt(service: Service): Snapshot {
  const { label, path } = service;
  const found = probe(service);
  if (found.kind !== "supervised") return { label, path, state: troubleOf(found), isNormallyDown: null };
  const { record, details } = describeFully(service, found);
  return { label, path, state: { record, details }, isNormallyDown: isNormallyDownOrWarn(found.path, label) };
}

function hasNoLog(service: Service): boolean {
  const found = probe(service);
  return found.kind === "no directory" && found.errno === errno.ENOENT;
}

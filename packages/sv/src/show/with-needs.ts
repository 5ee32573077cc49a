import { type Service, serviceAt } from "@upkeep/client/service/client";
import { homeOf } from "@upkeep/client/service/home";
import { SystemError } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { isThere } from "@upkeep/linux/fd/files";
import { listDependencies } from "@upkeep/service-directory/files/dependencies";

import { warn } from "./console.ts";

/** A service by the name by which others need it, and the names of those that it needs. */
export interface NeedingService {
  readonly name: string;
  readonly service: Service;
  readonly needs: readonly string[];
}

/** The services, and those that exist of which they need, directly or not. */
export function withNeeds(services: readonly Service[]): readonly NeedingService[] {
  const found = new Map(services.map((service) => [nameOf(service), service]));
  const all: NeedingService[] = [];
  // The loop also visits what it adds.
  for (const [name, service] of found) {
    const needs = needsOf(service);
    all.push({ name, service, needs });
    const { siblings } = homeOf(service) ?? { siblings: "" };
    for (const need of needs) {
      const path = `${siblings}/${need}`;
      if (!found.has(need) && isThere(pathOfName(path))) found.set(need, serviceAt(need, path));
    }
  }
  return all;
}

/** The name by which others need a service. */
export function nameOf(service: Service): string {
  return homeOf(service)?.name ?? service.label;
}

function needsOf({ label, path }: Service): readonly string[] {
  try {
    return path === null ? [] : listDependencies(path).toSorted();
  } catch (error) {
    warn(`${label}: ${SystemError.from("read dependencies.d", error).message}`);
    return [];
  }
}

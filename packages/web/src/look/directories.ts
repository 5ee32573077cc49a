import { createLooker, createProcesses, type Looker } from "@upkeep/client/look/looker";
import type { Service } from "@upkeep/client/service/client";
import { listAll } from "@upkeep/client/service/scan-directory";

import { idOf, labelsOf } from "../core/identity.ts";
import type { Found, Look } from "../core/live.ts";

/** The scan directories that are shown. */
export interface Directories {
  /** Whether ids have labels, since there are several. */
  readonly hasLabels: boolean;
  /** Lists and looks at all services. What has not changed costs little. */
  look(): Look;
  /** A service of the last look; null: there is none of that id. Nothing but what the directories hold has one. */
  serviceOf(id: string): Located | null;
}

/** A service, and the scan directory that holds it. */
export interface Located {
  readonly id: string;
  readonly directory: string;
  readonly service: Service & { readonly path: string };
}

interface Scanned {
  readonly label: string | null;
  readonly path: string;
  readonly looker: Looker;
}

/** With more services than these, those whose files are the same are looked at less often. */
const fewServices = 100;

/** @param paths absolute ones. */
export function createDirectories(paths: readonly string[]): Directories {
  const processes = createProcesses();
  const labels = labelsOf(paths);
  const scanned = paths.map((path, index): Scanned => {
    const looks = { isWhole: true, processes };
    return { label: labels[index] ?? null, path, looker: createLooker(() => listAll(path), looks) };
  });
  let located: ReadonlyMap<string, Located> = new Map();
  let names: ReadonlySet<string> = new Set();

  return {
    hasLabels: paths.length > 1,
    look: () => {
      const now = performance.now();
      const fresh = new Map<string, Located>();
      const shown = names.size <= fewServices ? names : new Set<string>();
      const looks = scanned.map(({ label, path, looker }) => {
        const { services, trouble } = looker.look(shown, now);
        const found = services.map(({ snapshot, use, sameEnds }): Found => {
          const id = idOf(label, snapshot.label);
          const service = looker.serviceOf(snapshot.label);
          if (service !== undefined && service.path !== null)
            fresh.set(id, { id, directory: path, service: { ...service, path: service.path } });
          return { id, directory: path, snapshot, use, sameEnds };
        });
        return { entry: { label, path, error: trouble }, found: trouble === null ? found : [] };
      });
      located = fresh;
      names = new Set([...fresh.values()].map(({ service }) => service.label));
      return { directories: looks.map(({ entry }) => entry), services: looks.flatMap(({ found }) => found) };
    },
    serviceOf: (id) => located.get(id) ?? null,
  };
}

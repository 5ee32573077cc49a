import { checkScriptOf, passesBefore } from "@upkeep/client/service/check-script";
import { type Probe, probe, type Service, type Supervised } from "@upkeep/client/service/client";
import { tryReadDetails } from "@upkeep/client/service/details";
import type { StateDetails } from "@upkeep/supervise/core/state-json";

import { warn } from "../show/console.ts";
import { type SuperviseWatch, watchSupervise } from "./supervise-watch.ts";

/** What a wait needs of the world. */
export interface Ports {
  readonly probe: (service: Service) => Probe;
  readonly tryReadDetails: (found: Supervised) => StateDetails | "stale";
  /** The check script of the service at `path`: whether it passes before a moment in monotonic ms. */
  readonly checkScript: (path: string, label: string) => (deadline: number) => Promise<boolean>;
  readonly watch: (path: string) => SuperviseWatch;
  readonly monotonicMillis: () => number;
  readonly wallMillis: () => number;
}

export const systemPorts: Ports = {
  probe,
  tryReadDetails,
  checkScript: (path, label) => {
    const check = checkScriptOf(path, label, warn);
    return (deadline) => passesBefore(check, deadline);
  },
  watch: watchSupervise,
  monotonicMillis: () => performance.now(),
  wallMillis: () => Date.now(),
};

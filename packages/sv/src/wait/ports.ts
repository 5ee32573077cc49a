import type { StateDetails } from "@upkeep/supervise/core/state-json";

import { checkScriptOf, passesBefore } from "../service/check-script.ts";
import { type Probe, probe, type Service, type Supervised } from "../service/client.ts";
import { tryReadDetails } from "../service/details.ts";
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

import { Counter, Gauge, Registry } from "prom-client";

import type { Family } from "../core/families.ts";
import { createBreather } from "../server/breather.ts";

/** Metrics as text, and its media type. */
export interface Exposition {
  readonly type: string;
  readonly text: string;
}

/** Writes metrics in OpenMetrics, or in the older format of Prometheus for those who do not ask for it. */
export async function expose(families: readonly Family[], accept: string): Promise<Exposition> {
  const registry = new Registry();
  if (/\bapplication\/openmetrics-text\b/.test(accept)) {
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  }
  const letOthersIn = createBreather();
  for (const { name, help, kind, labels, samples } of families) {
    await letOthersIn();
    const options = { help, labelNames: [...labels], registers: [registry] };
    if (kind === "gauge") {
      const gauge = new Gauge({ ...options, name });
      for (const sample of samples) gauge.set({ ...sample.labels }, sample.value);
    } else {
      const counter = new Counter({ ...options, name: `${name}_total` });
      for (const sample of samples) counter.inc({ ...sample.labels }, sample.value);
    }
  }
  return { type: registry.contentType, text: await registry.metrics() };
}

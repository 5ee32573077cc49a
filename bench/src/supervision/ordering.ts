import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Scenario } from "../scenario.ts";
import type { Suite } from "../suites.ts";
import { Trial } from "../trial/trial.ts";

const layers = 5;
const width = 4;
/** What a service takes to be ready, in ms. */
const readiness = 50;

const whole = "ordering, all ready";
const handover = "ordering, handover";

/** Services in layers: each needs all of the layer below, and tells 50 ms after its start that it is ready. */
export const ordering: Scenario<Suite> = {
  name: "ordering",
  title: `${layers * width} services in ${layers} layers, each ready ${readiness} ms after its start`,
  rows: [
    { metric: whole, label: `until all are ready, of which ${layers * readiness} are their own`, unit: "ms" },
    { metric: handover, label: "a layer ready to the next one started, median", unit: "ms" },
  ],
  async measure(suite) {
    await using trial = new Trial(suite, layers * width, ({ announce, never }) =>
      [`sleep ${readiness / 1000}`, `echo "\${PWD##*/}.ready $$" >${announce}`, "echo >&3", `read -r _ <${never}`].join(
        "\n",
      ),
    );
    addDependencies(trial);
    const startedAt = trial.start();
    const readyAt = await trial.announced(2 * trial.names.length);
    const seen = Array.from({ length: layers }, (_, layer) => layerOf(trial, layer));
    const handovers = seen.slice(1).map(({ started }, index) => started - (seen[index]?.ready ?? NaN));
    if (handovers.some((time) => !(time > 0))) throw new Error("a layer has started before the one below was ready");
    return { [whole]: [readyAt - startedAt], [handover]: handovers };
  },
};

function addDependencies({ tree, names }: Trial): void {
  for (const [index, name] of names.entries()) {
    writeFileSync(join(tree.service(name), "notification-fd"), "3\n");
    const dependencies = join(tree.service(name), "dependencies.d");
    mkdirSync(dependencies);
    const layer = Math.floor(index / width);
    const below = layer === 0 ? [] : names.slice((layer - 1) * width, layer * width);
    for (const one of below) writeFileSync(join(dependencies, one), "");
  }
  tree.makeOld();
}

/** When the last service of a layer was started, and when the last one was ready. */
function layerOf(trial: Trial, layer: number): { readonly started: number; readonly ready: number } {
  const names = trial.names.slice(layer * width, (layer + 1) * width);
  const last = (suffix: string): number => {
    const own = trial.announcements.all.filter(({ name }) => names.some((one) => name === one + suffix));
    if (own.length !== width) throw new Error(`layer ${layer}: ${own.length} instead of ${width}`);
    return Math.max(...own.map(({ at }) => at));
  };
  return { started: last(""), ready: last(".ready") };
}

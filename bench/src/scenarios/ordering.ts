import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { serviceDirectory } from "../suites/scan-directory.ts";
import type { Suite } from "../suites/suite.ts";
import type { Announcement } from "../trial/announcements.ts";
import { makeOld } from "../trial/tree.ts";
import { Trial } from "../trial/trial.ts";
import type { Scenario } from "./scenario.ts";

const layers = 5;
const width = 4;
/** What a service takes to be ready, in ms. */
const readiness = 50;

const whole = "ordering, all ready";
const handover = "ordering, handover";

/** Services in layers: each needs all of the layer below, and tells 50 ms after its start that it is ready. */
export const ordering: Scenario = {
  name: "ordering",
  title: `${layers * width} services in ${layers} layers, each ready ${readiness} ms after its start`,
  rows: [
    {
      metric: whole,
      label: `until all are ready, of which ${layers * readiness} are their own`,
      unit: "ms",
      statistic: "median",
    },
    { metric: handover, label: "a layer ready to the next one started, median", unit: "ms", statistic: "median" },
  ],
  async measure(suite) {
    await using trial = await layOut(suite);
    const startedAt = trial.start();
    const readyAt = await trial.announced(2 * trial.names.length);
    const seen = Array.from({ length: layers }, (_, layer) => layerOf(trial, layer));
    const handovers = seen.slice(1).map(({ started }, index) => started - (seen[index]?.ready ?? NaN));
    if (handovers.some((time) => !(time > 0))) throw new Error("a layer has started before the one below was ready");
    return { [whole]: [readyAt - startedAt], [handover]: handovers };
  },
};

async function layOut(suite: Suite): Promise<Trial> {
  const trial = await Trial.layOut(suite, layers * width, (never) =>
    [
      `sleep ${readiness / 1000}`,
      `echo "\${PWD##*/}.ready $$" >${join(never, "../announce")}`,
      "echo >&3",
      `read -r _ <${never}`,
    ].join("\n"),
  );
  for (const [index, name] of trial.names.entries()) {
    const directory = serviceDirectory(trial.tree, name);
    await writeFile(join(directory, "notification-fd"), "3\n");
    await mkdir(join(directory, "dependencies.d"));
    const layer = Math.floor(index / width);
    for (const below of trial.names.slice((layer - 1) * width, layer * width)) {
      if (layer > 0) await writeFile(join(directory, "dependencies.d", below), "");
    }
  }
  await makeOld(trial.tree.scanDirectory);
  return trial;
}

/** When the last service of a layer was started, and when the last one was ready. */
function layerOf(trial: Trial, layer: number): { readonly started: number; readonly ready: number } {
  const names = trial.names.slice(layer * width, (layer + 1) * width);
  const last = (suffix: string): number => {
    const own = trial.announcements.all.filter(({ name }: Announcement) => names.some((one) => name === one + suffix));
    if (own.length !== width) throw new Error(`layer ${layer}: ${own.length} instead of ${width}`);
    return Math.max(...own.map(({ at }) => at));
  };
  return { started: last(""), ready: last(".ready") };
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { get } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { bothBuilds, type Scenario } from "../scenario.ts";
import type { Suite } from "../suites.ts";
import { memoryOf, switchesIn30s, untilQuiet } from "../trial/processes.ts";
import { Trial } from "../trial/trial.ts";

const [pss, written, switches] = ["web, PSS", "web, written", "web, idle"] as const;
const ofMetrics = "web, metrics";

/** So many services are shown. */
const count = 20;
/** Milliseconds until it has come to rest: Node collects garbage for half a minute after the last request. */
const restingTime = 40_000;

/** `upkeep web` above services, after somebody has looked and has gone. */
export const web: Scenario<Suite> = {
  name: "web",
  title: `upkeep web, ${count} services, after all of them were looked at`,
  mostRounds: 2,
  rows: [
    { metric: pss, label: "PSS, idle", unit: "MB", budget: bothBuilds(40) },
    { metric: written, label: "written, idle", unit: "MB" },
    { metric: switches, label: "context switches in 30 s, idle", budget: bothBuilds(0) },
    { metric: ofMetrics, label: "/metrics, whole request", unit: "ms" },
  ],
  async measure(suite, isQuick) {
    await using trial = await Trial.running(suite, count);
    const [runsvdir = ""] = suite.programs;
    const socket = join(trial.tree.staging, "web.sock");
    const words = ["--socket", socket, trial.tree.scanDirectory];
    const server = spawn(join(dirname(runsvdir), "upkeep-web"), words, { env: trial.environment, stdio: "ignore" });
    try {
      while (!existsSync(socket)) await sleep(10);
      await ask(socket, "/api/v1/services");
      const samples: number[] = [];
      for (let left = 5; left > 0; left -= 1) {
        const begin = performance.now();
        await ask(socket, "/metrics");
        samples.push(performance.now() - begin);
      }
      const pid = pidOf(server);
      await sleep(isQuick ? 5000 : restingTime);
      await untilQuiet([pid], isQuick ? 2000 : 10_000);
      const counted = await switchesIn30s([pid], isQuick ? 6 : 30);
      const memory = memoryOf(pid);
      return {
        [pss]: [memory.pss / 1024],
        [written]: [memory.written / 1024],
        [switches]: [counted],
        [ofMetrics]: samples,
      };
    } finally {
      server.kill("SIGKILL");
    }
  },
};

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("upkeep web was not started");
  return pid;
}

async function ask(socketPath: string, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const asked = get({ socketPath, path, headers: { Host: "localhost" }, agent: false }, (response) => {
      response.on("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${response.statusCode}`)),
      );
      response.resume();
    });
    asked.on("error", reject);
  });
}

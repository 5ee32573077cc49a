import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { inlineToo, type Scenario } from "../scenario.ts";
import type { Suite } from "../suites.ts";
import { Trial } from "../trial/trial.ts";

const metric = "restart beside storms, whole command";

/** So many services exit as soon as they are started, which is once a second. */
const crashing = 50;

/** Writes commands that change nothing into a control FIFO, as fast as somebody reads them. */
const flood = String.raw`open my $fifo, ">", shift or die; my $bytes = "c" x 4096; 1 while syswrite $fifo, $bytes`;

/** The restart of one service, beside one whose control FIFO is flooded and many that crash. */
export const quiet: Scenario<Suite> = {
  name: "quiet",
  title: `Restart beside a flooded control FIFO and ${crashing} services that crash every second`,
  rows: [
    { metric, label: "declares readiness: median", unit: "ms" },
    {
      metric,
      label: "declares readiness: 99th percentile",
      unit: "ms",
      statistic: "p99",
      // With a process each, all who are due in the same second compete for the processors, and the one asked is among them.
      budget: inlineToo(null, 50),
    },
  ],
  async measure(suite, isQuick) {
    await using trial = new Trial(suite, 2 + crashing);
    const { tree } = trial;
    const [own = "", flooded = "", ...others] = trial.names;
    // It may be started again at once.
    for (const [file, text] of [
      ["run", `${tree.announcing(own)}echo >&3\nread -r _ <${tree.never}\n`],
      ["notification-fd", "3\n"],
      ["restart-delay", "0\n"],
    ] as const) {
      writeFileSync(join(tree.service(own), file), text);
    }
    for (const name of others) writeFileSync(join(tree.service(name), "run"), `${tree.announcing(name)}exit 1\n`);
    tree.makeOld();
    trial.start();
    // All of the others have crashed once.
    await trial.announced(trial.names.length + crashing);
    const writer = spawn("perl", ["-e", flood, join(tree.service(flooded), "supervise/control")], { stdio: "ignore" });
    try {
      const samples: number[] = [];
      for (let left = isQuick ? 10 : 40; left > 0; left -= 1) {
        const next = trial.nextStart(own);
        samples.push((await trial.run(suite.restart(tree, own))).ms);
        await next;
        await sleep(50);
      }
      if (writer.exitCode !== null) throw new Error("the flood has ended");
      return { [metric]: samples };
    } finally {
      await end(writer);
    }
  },
};

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

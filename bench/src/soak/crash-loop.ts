import { setTimeout as sleep } from "node:timers/promises";

import type { Suite } from "../suites/suite.ts";
import { Trial } from "../trial/trial.ts";
import type { SoakOptions } from "./options.ts";
import type { Stage } from "./sample.ts";
import { takeStages } from "./stages.ts";

/**
 * Lets services exit at once, again and again, and looks at what their runsv take meanwhile.
 *
 * runit's rules allow each one start in a second, so there are many at a time.
 */
export async function crashLoop(suite: Suite, { services, restarts, longest }: SoakOptions): Promise<readonly Stage[]> {
  await using trial = await Trial.layOut(suite, services, () => "exit 1");
  trial.start();
  await trial.allStarted();
  await sleep(3000); // What a runtime needs for the first few only is no growth.
  const [, ...processes] = trial.supervisors();
  const started = trial.announcements.all;
  const before = started.length;
  const stages = await takeStages({
    done: () => started.length - before,
    total: restarts,
    processes,
    end: performance.now() + longest,
  });
  verifyShares(started.map(({ name }) => name));
  return stages;
}

/** Throws when a service was started much less often than another: it must have been forgotten for a while. */
function verifyShares(names: readonly string[]): void {
  const counts = [...Map.groupBy(names, (name) => name).values()].map(({ length }) => length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (least < most * 0.9 - 2) throw new Error(`one service was started ${least} times, another ${most} times`);
}

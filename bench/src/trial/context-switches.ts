import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Context switches, of their own will or not, of each thread of some processes. */
export type SwitchCounts = ReadonlyMap<string, number>;

/** Counts the switches that the threads of these processes have had so far. */
export function countSwitches(processes: readonly number[]): SwitchCounts {
  const counts = new Map<string, number>();
  for (const pid of processes) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "latin1");
      const switches = status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)$/gm);
      counts.set(
        thread,
        [...switches].reduce((sum, [, count]) => sum + Number(count), 0),
      );
    }
  }
  return counts;
}

/** Switches between two counts. A thread that ended meanwhile counts as still; one that began counts in full. */
export function switchesBetween(before: SwitchCounts, after: SwitchCounts): number {
  return [...after].reduce((sum, [thread, count]) => sum + count - (before.get(thread) ?? 0), 0);
}

/**
 * Waits until none of these processes has run for a while.
 *
 * Some never rest, as those that look at the clock every second: after `longest` ms it goes on all the same.
 */
export async function untilQuiet(processes: readonly number[], longest = 3000): Promise<void> {
  const end = performance.now() + longest;
  for (let before = countSwitches(processes); ;) {
    await sleep(500);
    const after = countSwitches(processes);
    if (switchesBetween(before, after) === 0 || performance.now() > end) return;
    before = after;
  }
}

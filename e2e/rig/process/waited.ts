/*
 * How long a command has waited, rather than worked or wanted to: for a bound on hangs that a busy machine cannot break.
 * What waits for a processor is runnable, and the kernel counts that time (schedstat); it is no time of waiting.
 */
import { readdirSync, readFileSync } from "node:fs";
import { childrenOf } from "./processes.ts";

/** Milliseconds between two looks. */
const lookEvery = 200;
/** The part of the time between two looks that a command that waits may work, or wait for a processor. */
const mostWork = 0.1;

/** Time of the processor, and time of waiting for one, of each thread, in ms. Undefined: one of them is not asleep. */
type Look = ReadonlyMap<number, number> | undefined;

/** Watches a process and its descendants until `stop`, which returns for how many ms all of them slept. */
export function watchWaiting(pid: number): { readonly stop: () => number } {
  let waited = 0;
  let [before, at]: [Look, number] = [undefined, performance.now()];
  const timer = setInterval(() => {
    const [look, now] = [lookAt(pid), performance.now()];
    if (workBetween(before, look) <= mostWork * (now - at)) waited += now - at;
    [before, at] = [look, now];
  }, lookEvery);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.round(waited);
    },
  };
}

/** Infinite unless the same threads were asleep both times. */
function workBetween(before: Look, after: Look): number {
  if (before === undefined || after === undefined || before.size !== after.size) return Infinity;
  return [...after].reduce((sum, [thread, spent]) => sum + spent - (before.get(thread) ?? -Infinity), 0);
}

function lookAt(pid: number): Look {
  const spent = new Map<number, number>();
  try {
    for (const process of withDescendants(pid)) {
      for (const thread of readdirSync(`/proc/${process}/task`)) {
        const path = `/proc/${process}/task/${thread}`;
        const stat = readFileSync(`${path}/stat`, "latin1");
        if (!/^[SZ]$/.test(stat[stat.lastIndexOf(")") + 2] ?? "")) return undefined;
        const [running = "", runnable = ""] = readFileSync(`${path}/schedstat`, "latin1").split(" ");
        spent.set(Number(thread), (Number(running) + Number(runnable)) / 1e6);
      }
    }
  } catch {
    // One has ended meanwhile, so something has happened.
    return undefined;
  }
  return spent;
}

function withDescendants(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap((child) => withDescendants(child))];
}

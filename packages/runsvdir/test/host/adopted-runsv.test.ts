import type { HeldProcess } from "@upkeep/linux/process/held-process";
import { expect, test } from "vitest";

import { createAdoptedRunsv, type AdoptedRunsv } from "../../src/host/adopted-runsv.ts";
import { HandTimers } from "../helpers/hand-timers.ts";

/** Services whose runsv live on; what was done to them is written down. */
class World {
  readonly timers = new HandTimers();
  readonly done: string[] = [];
  readonly ended = new Set<number>();
  readonly adopted: AdoptedRunsv;

  constructor(runsv: Readonly<Record<string, number>>) {
    this.adopted = createAdoptedRunsv({
      find: (service) => {
        const pid = runsv[service];
        return pid === undefined ? null : this.#hold(pid);
      },
      hasLeftovers: (service) => service === "b",
      later: this.timers.later,
      onEnd: (pid, hasLeftovers) => this.done.push(`end ${pid} ${hasLeftovers}`),
    });
  }

  #hold(pid: number): HeldProcess {
    return {
      pid,
      info: { state: "S", parent: 1, group: pid, session: pid, terminalGroup: -1, threads: 1, startTicks: 1 },
      hasEnded: () => this.ended.has(pid),
      signal: (signal) => this.done.push(`${signal} ${pid}`),
      watch: () => {},
      close: () => this.done.push(`close ${pid}`),
    };
  }
}

test("tells once of each that ends, and what it leaves", () => {
  const { adopted, timers, ended, done } = new World({ a: 7, b: 8 });
  expect([adopted.adopt("a"), adopted.adopt("b"), adopted.adopt("c")]).toEqual([7, 8, null]);
  timers.turn(1000);
  expect(done).toEqual([]);
  ended.add(8);
  timers.turn(100);
  ended.add(7);
  timers.turn(1000);
  expect(done).toEqual(["close 8", "end 8 true", "close 7", "end 7 false"]);
});

test("sends signals to those that it holds, and to no others", () => {
  const { adopted, timers, ended, done } = new World({ a: 7 });
  adopted.adopt("a");
  expect([adopted.signal(7, "SIGTERM"), adopted.signal(8, "SIGTERM")]).toEqual([true, false]);
  ended.add(7);
  timers.turn(100);
  expect(adopted.signal(7, "SIGKILL")).toBe(false);
  expect(done).toEqual(["SIGTERM 7", "close 7", "end 7 false"]);
});

import type { Probe } from "@upkeep/client/service/client";
import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import { beginWait, type Target } from "@upkeep/sv/core/wait";
import type { Ports } from "@upkeep/sv/wait/ports";
import { type Ending, waitFor } from "@upkeep/sv/wait/wait-for";
import { describe, expect, test } from "vitest";

import { off, run } from "../../../client/test/helpers/records.ts";

const service = { label: "web", path: "/srv/web" };
const up: Probe = { kind: "supervised", path: service.path, supervise: `${service.path}/supervise`, record: run };
const stopped: Probe = { ...up, record: off };
const gone: Probe = { kind: "not running" };

const becomesReady: Target = { kind: "state", state: "ready" };
const goesUp: Target = {
  kind: "goals",
  goals: ["up"],
  baseline: { at: { seconds: 80, nanoseconds: 0 }, before: off },
};

/** A world in which time passes only while somebody waits, or a check script runs. */
class World {
  readonly pauses: number[] = [];
  readonly deadlines: number[] = [];
  watches = 0;
  #now = 0;
  readonly #found: Probe[];
  readonly #checks: boolean[];
  readonly #checkMillis: number;
  readonly #details: StateDetails | "stale";

  /** What is found at each probe, and how each run of the check script ends; the last of both stays. */
  constructor(
    found: readonly Probe[],
    checks: readonly boolean[] = [true],
    { checkMillis = 0, details = noDetails }: { checkMillis?: number; details?: StateDetails | "stale" } = {},
  ) {
    this.#found = [...found];
    this.#checks = [...checks];
    this.#checkMillis = checkMillis;
    this.#details = details;
  }

  readonly ports: Ports = {
    probe: () => (this.#found.length > 1 ? this.#found.shift() : this.#found[0]) ?? gone,
    tryReadDetails: () => this.#details,
    checkScript: () => async (deadline) => {
      this.deadlines.push(deadline);
      this.#now += this.#checkMillis;
      return (this.#checks.length > 1 ? this.#checks.shift() : this.#checks[0]) ?? true;
    },
    watch: () => {
      this.watches++;
      return {
        isWatching: true,
        change: async (millis) => {
          this.pauses.push(millis);
          this.#now += millis;
          return false;
        },
        close: () => {
          this.watches--;
        },
      };
    },
    monotonicMillis: () => this.#now,
    // Long after the service came to its state.
    wallMillis: () => 1_000_000 + this.#now,
  };

  async wait(target: Target, seconds = 1): Promise<Ending> {
    const ending = await waitFor(service, beginWait(target, 0, seconds), this.ports);
    expect(this.watches).toBe(0);
    return ending;
  }
}

describe("a wait", () => {
  test("ends with what was found after the check script had passed", async () => {
    const after: Probe = { ...up, record: { ...run, paused: true } };
    const world = new World([up, after]);
    expect(await world.wait(goesUp)).toEqual({ outcome: "reached", found: after });
    expect([world.pauses, world.deadlines]).toEqual([[], [1000]]);
  });

  test("goes on while the check script fails, and at another process", async () => {
    const other: Probe = { ...up, record: { ...run, pid: 6 } };
    const world = new World([up, up, other, other], [false, true, true]);
    expect(await world.wait(goesUp)).toEqual({ outcome: "reached", found: other });
    expect(world.pauses).toEqual([50, 80]);
  });

  test("goes on when the supervisor is gone after the check script, and ends there", async () => {
    const world = new World([up, gone]);
    expect(await world.wait(goesUp)).toEqual({ outcome: "failed", found: gone });
    expect(world.pauses).toEqual([50]);
  });

  test("does not run a check script at the deadline, nor wait beyond it", async () => {
    const world = new World([up], [false], { checkMillis: 300 });
    expect(await world.wait(goesUp)).toEqual({ outcome: "timeout", found: up });
    expect(world.deadlines).toEqual([1000, 1000, 1000]);
    expect(world.pauses).toEqual([50, 80, 0]);
  });

  test("of sv wait asks the check script once more at the deadline", async () => {
    const world = new World([up], [false]);
    expect(await world.wait(becomesReady)).toEqual({ outcome: "timeout", found: up });
    expect(world.deadlines).toHaveLength(21);
  });

  test("of sv wait goes on until there is a supervisor, watching each time anew", async () => {
    const ready: StateDetails = { ...noDetails, ready: true, readiness: "notification-fd" };
    // With each new watch there is one more probe. The last of these finds a supervisor.
    const world = new World([gone, gone, gone, up], [], { details: ready });
    expect(await world.wait(becomesReady)).toEqual({ outcome: "reached", found: up });
    expect(world.pauses).toEqual([80]);
  });

  test("of sv wait times out where there is never a supervisor", async () => {
    const world = new World([gone]);
    expect(await world.wait(becomesReady)).toEqual({ outcome: "timeout", found: gone });
    expect(world.pauses).toEqual([80, 128, 205, 328, 259]);
  });

  test("reads state.json only where readiness matters", async () => {
    const world = new World([stopped], [], { details: "stale" });
    const goesDown: Target = { ...goesUp, goals: ["down"] };
    expect(await world.wait(goesDown)).toEqual({ outcome: "reached", found: stopped });
    expect(await world.wait(goesUp)).toEqual({ outcome: "timeout", found: stopped });
  });
});

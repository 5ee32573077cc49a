import { errno } from "@upkeep/linux/core/errno";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import type { Effect, Event } from "../../src/core/event.ts";
import type { Listed } from "../../src/core/scan.ts";
import { initialState, type State } from "../../src/core/state.ts";
import type { Needs } from "../../src/core/stop-order.ts";
import { nextDeadline, step } from "../../src/core/step.ts";

type Action =
  | { readonly kind: "list"; readonly listing: readonly Listed[] }
  | { readonly kind: "die"; readonly which: number; readonly isKilled: boolean }
  | { readonly kind: "wait"; readonly millis: number }
  | { readonly kind: "failNext"; readonly isFork: boolean }
  | { readonly kind: "signal"; readonly signal: "SIGTERM" | "SIGHUP" | "SIGINT"; readonly needs: Needs }
  | { readonly kind: "timeOver"; readonly needs: Needs }
  | { readonly kind: "critical"; readonly name: string; readonly code: number; readonly needs: Needs };

const listing = fc.uniqueArray(
  fc.record({
    kind: fc.constant("directory" as const),
    name: fc.constantFrom("a", "b", "c", "d"),
    identity: fc.constantFrom("1", "2", "3", "4"),
    place: fc.constantFrom("/here", "/there"),
  }),
  { selector: ({ name }) => name },
);
const names = fc.constantFrom("a", "b", "c", "d");
const needs: fc.Arbitrary<Needs> = fc
  .dictionary(names, fc.uniqueArray(names, { maxLength: 3 }))
  .map((lists) => new Map(Object.entries(lists)));
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("list" as const), listing }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("die" as const), which: fc.nat(7), isKilled: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), millis: fc.nat(3000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("failNext" as const), isFork: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("signal" as const),
      signal: fc.constantFrom("SIGTERM" as const, "SIGHUP" as const, "SIGINT" as const),
      needs,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("timeOver" as const), needs }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("critical" as const), name: names, code: fc.nat(255), needs }),
  },
);

interface Alive {
  readonly identity: string;
  readonly isLast: boolean;
  /** How often it was told to go. */
  terms: number;
  /** How often its entry has gone. */
  goings: number;
}

/** The processes that the effects would have made, and a check of every effect against them. */
class World {
  readonly alive = new Map<number, Alive>();
  /** The services whose `./run` lives, with or without a runsv. */
  readonly running = new Set<string>();
  state: State;
  now = 0;
  ends = 0;
  #pid = 1;
  #failNext: boolean | null = null;
  #listed: ReadonlySet<string> = new Set();

  /** The runsv that live on without a runsvdir: the pid by the identity of the service. */
  readonly #orphans: Map<string, number>;

  constructor(isOrderly: boolean, orphans: readonly string[]) {
    this.state = initialState({ isOrderly, stopTimeout: 7000 });
    this.#orphans = new Map(orphans.map((identity, index) => [identity, 1000 + index]));
    for (const identity of orphans) this.running.add(identity);
  }

  run(actions: readonly Action[]): void {
    for (const one of actions) {
      this.#act(one);
      this.#settle(this.now);
    }
  }

  #act(one: Action): void {
    switch (one.kind) {
      case "list":
        this.#list(new Set(one.listing.flatMap((entry) => (entry.kind === "directory" ? [entry.identity] : []))));
        return this.post({ kind: "listed", listing: one.listing, at: this.now });
      case "die": {
        const pid = [...this.alive.keys()][one.which];
        return pid === undefined ? undefined : this.end(pid, one.isKilled);
      }
      case "wait":
        return this.#settle(this.now + one.millis);
      case "failNext":
        this.#failNext = one.isFork;
        return;
      case "signal":
        return this.post({ kind: "signal", signal: one.signal, isTyped: false, needs: one.needs, at: this.now });
      case "timeOver":
      case "critical":
        return this.post({ ...one, at: this.now });
      default:
        return one satisfies never;
    }
  }

  #list(listed: ReadonlySet<string>): void {
    for (const one of this.alive.values())
      if (this.#listed.has(one.identity) && !listed.has(one.identity)) one.goings++;
    this.#listed = listed;
  }

  /** A runsv ends; by itself it does so when it has ended `./run`. */
  end(pid: number, isKilled: boolean): void {
    const identity = this.alive.get(pid)?.identity ?? "";
    this.alive.delete(pid);
    if (!isKilled) this.running.delete(identity);
    this.post({ kind: "exited", pid, end: isKilled ? "killed" : "success", at: this.now });
  }

  #settle(target: number): void {
    for (let next = nextDeadline(this.state); next <= target; next = nextDeadline(this.state)) {
      this.now = Math.max(this.now, next);
      this.post({ kind: "tick", at: this.now });
    }
    this.now = target;
  }

  post(event: Event): void {
    const result = step(this.state, event);
    this.state = result.state;
    for (const effect of result.effects) this.#check(effect);
  }

  #check(effect: Effect): void {
    expect(this.ends).toBe(0);
    if (effect.kind === "end" || effect.kind === "die") this.ends++;
    if (effect.kind === "signal") this.#checkSignal(effect.pid, effect.signal);
    if (effect.kind === "move") this.#move(effect.identity, effect.pid);
    if (effect.kind === "start") this.#checkStart(effect.identity, effect.isLast);
  }

  /** The runsv goes on in another directory. */
  #move(identity: string, pid: number): void {
    const moved = this.alive.get(pid);
    expect(moved).toBeDefined();
    if (moved === undefined) return;
    expect([...this.alive.values()].some((one) => one.identity === identity)).toBe(false);
    this.running.delete(moved.identity);
    this.running.add(identity);
    this.alive.set(pid, { ...moved, identity });
  }

  #checkSignal(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
    const target = this.alive.get(pid);
    expect(target).toBeDefined();
    if (target === undefined || signal === "SIGKILL") return;
    target.terms++;
    expect(target.terms).toBeLessThanOrEqual(Math.max(target.goings, 1));
  }

  #checkStart(identity: string, isLast: boolean): void {
    expect(this.state.phase.kind).toBe(isLast ? "stopping" : "supervising");
    if (!isLast) expect(this.#listed.has(identity)).toBe(true);
    expect([...this.alive.values()].some((one) => one.identity === identity)).toBe(false);
    const orphan = this.#orphans.get(identity);
    if (orphan !== undefined) {
      this.#orphans.delete(identity);
      this.alive.set(orphan, { identity, isLast: false, terms: 0, goings: 0 });
      return this.post({ kind: "adopted", identity, pid: orphan, at: this.now });
    }
    if (this.#failNext !== null) {
      const isFork = this.#failNext;
      this.#failNext = null;
      this.post({ kind: "startFailed", identity, errno: errno.EAGAIN, isFork, at: this.now });
      return;
    }
    const pid = this.#pid++;
    this.alive.set(pid, { identity, isLast, terms: isLast ? 1 : 0, goings: 0 });
    if (!isLast) this.running.add(identity);
    this.post({ kind: "started", identity, pid, follows: pid % 2 === 0, at: this.now });
  }

  listedNow(): ReadonlySet<string> {
    return this.#listed;
  }
}

const orphans = fc.uniqueArray(fc.constantFrom("1", "2", "3", "4"));
const actions = fc.array(action, { maxLength: 60 });
const quiet = fc.array(
  action.filter(({ kind }) => !["signal", "critical", "timeOver"].includes(kind)),
  { maxLength: 60 },
);

test("whatever happens, no service has two runsv, none gets TERM twice while its entry stays, and there is one end", () => {
  fc.assert(
    fc.property(fc.boolean(), orphans, actions, (isOrderly, alone, list) => new World(isOrderly, alone).run(list)),
  );
});

test("left alone for a few seconds, exactly the listed services have a runsv that was not told to go", () => {
  fc.assert(
    fc.property(orphans, quiet, (alone, list) => {
      const world = new World(false, alone);
      world.run(list);
      const leaving = [...world.alive].filter(([, { terms }]) => terms > 0);
      for (const [pid] of leaving) {
        world.end(pid, false);
      }
      world.run([{ kind: "wait", millis: 5000 }]);
      expect(new Set([...world.alive.values()].map(({ identity }) => identity))).toEqual(world.listedNow());
    }),
  );
});

test("an orderly stop always ends, in its time, whether the services obey or not", () => {
  fc.assert(
    fc.property(orphans, quiet, fc.array(action, { maxLength: 10 }), needs, (alone, before, meanwhile, order) => {
      const world = new World(true, alone);
      world.run(before);
      world.run([{ kind: "signal", signal: "SIGTERM", needs: order }, ...meanwhile, { kind: "wait", millis: 9001 }]);
      expect(world.ends).toBe(1);
    }),
  );
});

test("an orderly stop leaves no service running, whichever runsv was killed, but for the last ones", () => {
  const killedLater = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(listing, orphans, fc.array(fc.nat(7)), killedLater, needs, (first, alone, kills, later, order) => {
      const listed = new Set(first.map(({ identity }) => identity));
      const ours = alone.filter((identity) => listed.has(identity));
      const world = new World(true, ours);
      world.run([{ kind: "list", listing: first }]);
      world.run(kills.map((which) => ({ kind: "die", which, isKilled: true })));
      world.run([{ kind: "signal", signal: "SIGTERM", needs: order }]);
      const told = (): number | undefined => [...world.alive].find(([, { terms }]) => terms > 0)?.[0];
      // First one or the other is killed by its TERM, then all that were told end as they should.
      for (const isKilled of later) {
        const pid = told();
        if (pid === undefined) break;
        const { identity, isLast } = world.alive.get(pid) ?? { identity: "", isLast: true };
        world.end(pid, isKilled && !isLast);
        const again = [...world.alive].find(([, one]) => one.identity === identity)?.[0];
        if (again !== undefined) world.end(again, false);
      }
      // One that was killed comes back for its last time only when those that depend on it are gone.
      for (let pid = told(); pid !== undefined; pid = told()) world.end(pid, false);
      expect(world.ends).toBe(1);
      expect([...world.running]).toEqual([]);
    }),
  );
});

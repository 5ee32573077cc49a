import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { nextToStop, type RunningService, type Needs } from "../../src/core/stop-order.ts";
import { HandClock } from "../helpers/hand-clock.ts";

type Lists = Readonly<Record<string, readonly string[]>>;

/** The names told at each round, when all that have been told end before the next one. */
function rounds(names: string, needs: Lists): readonly string[] {
  let living = names.split("").map((name) => ({ name, isStopping: false }));
  const told: string[] = [];
  while (living.length > 0) {
    const next = nextToStop(living, new Map(Object.entries(needs)));
    told.push([...next].toSorted().join(""));
    expect(next.size).toBeGreaterThan(0);
    living = living.filter(({ name }) => !next.has(name));
  }
  return told;
}

describe("the order of a stop", () => {
  test.each<[string, string, Lists, readonly string[]]>([
    ["all at once where nobody depends on anybody", "abc", {}, ["abc"]],
    ["a chain, its end first", "abc", { a: ["b"], b: ["c"] }, ["a", "b", "c"]],
    ["two dependants side by side", "abc", { a: ["c"], b: ["c"] }, ["ab", "c"]],
    ["a diamond", "abcd", { a: ["b", "c"], b: ["d"], c: ["d"] }, ["a", "bc", "d"]],
    [
      "a circle at once, with dependants before and dependencies after",
      "abcd",
      { a: ["b"], b: ["c"], c: ["b", "d"] },
      ["a", "bc", "d"],
    ],
    ["one that names itself or nobody", "ab", { a: ["a", "x"] }, ["ab"]],
  ])("%s", (_, names, needs, expected) => expect(rounds(names, needs)).toEqual(expected));

  test("those that are told count as there until they are gone", () => {
    const needs: Needs = new Map([["web", ["db"]]]);
    expect(
      nextToStop(
        [
          { name: "web", isStopping: true },
          { name: "db", isStopping: false },
        ],
        needs,
      ).size,
    ).toBe(0);
    expect([...nextToStop([{ name: "db", isStopping: false }], needs)]).toEqual(["db"]);
  });

  test("whatever depends on whatever, it ends, and nobody is told before those that depend on it, circles apart", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");
    fc.assert(
      fc.property(fc.dictionary(name, fc.uniqueArray(name, { maxLength: 4 })), (lists) => {
        const order = rounds("abcdefgh", lists);
        const roundOf = (wanted: string): number => order.findIndex((names) => names.includes(wanted));
        for (const [from, needs] of Object.entries(lists)) {
          for (const need of needs) expect(roundOf(from)).toBeLessThanOrEqual(roundOf(need));
        }
      }),
    );
  });
});

/** The same in few words: told are those that lead to all who lead to them. */
function inFewWords(living: readonly RunningService[], needs: Needs): ReadonlySet<string> {
  const alive = new Set(living.map(({ name }) => name));
  const below = (from: string): ReadonlySet<string> => {
    const seen = new Set([from]);
    for (const name of seen) for (const need of needs.get(name) ?? []) if (alive.has(need)) seen.add(need);
    return seen;
  };
  const isFree = (name: string): boolean =>
    [...alive].every((other) => !below(other).has(name) || below(name).has(other));
  return new Set(living.filter(({ name, isStopping }) => !isStopping && isFree(name)).map(({ name }) => name));
}

describe("those that are told next", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");

  test("are those that it says in few words", () => {
    const lists = fc.dictionary(name, fc.array(name, { maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(fc.record({ name, isStopping: fc.boolean() })), lists, (living, needs) => {
        const map: Needs = new Map(Object.entries(needs));
        expect(nextToStop(living, map)).toEqual(inFewWords(living, map));
      }),
      { numRuns: 2000 },
    );
  });

  test("are found in a long chain, and in a circle as long", () => {
    const names = Array.from({ length: 20_000 }, (_, number) => `s${number}`);
    const living = names.map((one) => ({ name: one, isStopping: false }));
    const chain = new Map(names.map((one, number) => [one, names.slice(number + 1, number + 2)]));
    expect([...nextToStop(living, chain)]).toEqual(["s0"]);
    expect(nextToStop(living, chain.set("s19999", ["s0"])).size).toBe(20_000);
  });
});

describe("an orderly stop in order", () => {
  const running = (...names: readonly string[]): HandClock => {
    const world = new HandClock({ isOrderly: true }).listed(...names).turn(2000);
    world.done();
    return world;
  };

  test("a service is told when those that depend on it are gone", () => {
    const world = running("app", "db", "web").signal("SIGTERM", false, { web: ["app"], app: ["db"] });
    const [web, app, db] = ["web", "app", "db"].map((name) => world.pidOf(name)) as [number, number, number];
    expect(world.done()).toEqual([`SIGTERM ${web}`]);
    expect(world.exited(web).done()).toEqual([`SIGTERM ${app}`]);
    expect(world.exited(app).done()).toEqual([`SIGTERM ${db}`]);
    expect(world.exited(db).done()).toEqual(["end 0"]);
  });

  test("at the time-out nobody waits for an order any more", () => {
    const world = running("db", "web").signal("SIGTERM", false, { web: ["db"] });
    world.done();
    const [db, web] = [world.pidOf("db"), world.pidOf("web")];
    expect(world.turn(7000).done().slice(-4)).toEqual([`SIGTERM ${db}`, "force db", "force web", `remind ${web}`]);
  });

  test("a critical service ends all in order, and its code is the exit code", () => {
    const world = running("db", "web").critical("web", 7, { web: ["db"] });
    expect(world.done()).toEqual([
      "warning: critical service web has ended with exit code 7, stopping all services",
      "tell web 7",
      `SIGTERM ${world.pidOf("web")}`,
    ]);
    world.critical("db", 9).exited(world.pidOf("web")).exited(world.pidOf("db"));
    expect(world.done().at(-1)).toBe("end 7");
  });

  test("without --orderly that is only a warning", () => {
    const world = new HandClock().listed("web");
    world.done();
    expect(world.critical("web", 7).done()).toEqual([
      "warning: critical service web has ended with exit code 7; nothing is stopped, as that takes --orderly or process 1",
    ]);
  });
});

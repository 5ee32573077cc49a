import type { Goal } from "@upkeep/client/core/commands";
import { noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import {
  beginWait,
  needsDetails,
  type Next,
  type Observation,
  step,
  type Target,
  type Wait,
} from "@upkeep/sv/core/wait";
import { describe, expect, test } from "vitest";

import { checked, down, failed, off, ready, run, undeclared, unready } from "../../../client/test/helpers/records.ts";

/** The wall clock shows second 90, in which all that is observed here has begun. */
const wallMillis = 90_000;

const goals = (some: readonly Goal[], before: StatusRecord = off): Target => ({
  kind: "goals",
  goals: some,
  baseline: { at: { seconds: 80, nanoseconds: 0 }, before },
});
const ups = goals(["up"]);
const becomesReady: Target = { kind: "state", state: "ready" };
const becomesUp: Target = { kind: "state", state: "up" };

const second = (target: Target): Wait => beginWait(target, 0, 1);

function seen(now: number, record: StatusRecord, details: StateDetails | "stale" = noDetails): Observation {
  return { now, wallMillis, hasChanged: false, isWatching: true, supervised: { record, details } };
}

const nothing = (now: number): Observation => ({ ...seen(now, run), supervised: null });

/** What is to be done after each of the observations. */
function follow(target: Target, observations: readonly Observation[]): readonly Next[] {
  let wait = second(target);
  return observations.map((observation) => {
    const { state, next } = step(wait, observation);
    wait = state;
    return next;
  });
}

const again = (millis: number): Next => ({ kind: "again", millis });
const reached: Next = { kind: "end", outcome: "reached" };
const failure: Next = { kind: "end", outcome: "failed" };
const timeout: Next = { kind: "end", outcome: "timeout" };
const confirm = (needsCheck: boolean, otherwise: Next): object => ({ kind: "confirm", needsCheck, otherwise });

describe("a process that is up", () => {
  test("counts after 100 ms, if its check script passes", () => {
    expect(follow(ups, [seen(10, run), seen(12, run), seen(110, run)])).toEqual([
      again(100),
      again(98),
      confirm(true, again(50)),
    ]);
  });

  test("counts as soon as it is ready where readiness is declared", () => {
    expect(follow(ups, [seen(10, run, unready), seen(12, run, ready)])).toEqual([again(420), confirm(true, again(50))]);
    expect(follow(ups, [seen(10, run, { ...ready, readiness: "ready-after" })])).toEqual([confirm(true, again(50))]);
    expect(follow(ups, [seen(10, run, checked)])).toEqual([confirm(true, again(50))]);
    expect(follow(becomesUp, [seen(10, run, ready)])).toEqual([confirm(false, again(50))]);
  });

  test("counts after 420 ms where one has crashed before it", () => {
    const other = { ...run, pid: 6 };
    const first = [seen(10, run), seen(12, { ...down }), seen(15, other), seen(434, other), seen(435, other)];
    expect(follow(ups, first)).toEqual([again(100), again(420), again(420), again(1), confirm(true, again(50))]);
    expect(follow(goals(["up"], down), [seen(1, run)])).toEqual([again(420)]);
  });

  test("counts at once when it has been up for long by the wall clock", () => {
    expect(follow(ups, [{ ...seen(1, run), wallMillis: wallMillis + 101 }])).toEqual([confirm(true, again(50))]);
  });

  test("needs no check script for sv wait unless that alone tells", () => {
    const old = (details: StateDetails): readonly Next[] =>
      follow(becomesReady, [{ ...seen(1, run, details), wallMillis: wallMillis + 101 }]);
    expect(old(undeclared)).toEqual([confirm(false, again(50))]);
    expect(old(noDetails)).toEqual([confirm(true, again(50))]);
    expect(old(ready)).toEqual([reached]);
  });
});

describe("the pause", () => {
  test("grows while a check script fails, until the status changes", () => {
    const [first, ...rest] = [500, 600, 700].map((now) => seen(now, run));
    const [settling, ...others] = follow(ups, [
      seen(395, run),
      first ?? seen(0, run),
      ...rest,
      { ...seen(800, run), hasChanged: true },
    ]);
    expect(settling).toEqual(again(100));
    expect(others).toEqual([50, 80, 128, 50].map((millis) => confirm(true, again(millis))));
  });

  test("stays the same for sv wait", () => {
    expect(
      follow(
        becomesReady,
        [10, 20, 30].map((now) => seen(now, run, "stale")),
      ),
    ).toEqual([50, 50, 50].map(again));
  });

  test("grows while state.json does not fit the status", () => {
    expect(
      follow(
        ups,
        [10, 20, 30].map((now) => seen(now, run, "stale")),
      ),
    ).toEqual([50, 80, 128].map(again));
  });

  test("is short while a supervisor is about to end, because no change tells of that", () => {
    const ending = [10, 20, 30].map((now) => seen(now, off));
    expect(follow(goals(["exit"]), ending)).toEqual([2, 3.2, 5.12].map((millis) => again(expect.closeTo(millis))));
    expect(follow(goals(["exit"]), [seen(10, run)])).toEqual([again(420)]);
  });

  test("grows up to runit's while there is no supervisor", () => {
    const pauses = [80, 128, 204.8, 327.68, 420, 420].map((millis) => again(expect.closeTo(millis)));
    expect(follow(becomesUp, [1, 2, 3, 4, 5, 6].map(nothing))).toEqual(pauses);
  });

  test("of sv wait is long where changes are seen coming", () => {
    expect(follow(becomesUp, [seen(1, off)])).toEqual([again(5000)]);
    expect(follow(becomesUp, [{ ...seen(1, off), isWatching: false }])).toEqual([again(420)]);
    expect(follow(ups, [seen(1, off)])).toEqual([again(420)]);
  });
});

describe("the end", () => {
  test("comes when the target is reached", () => {
    expect(follow(goals(["down"]), [seen(1, off)])).toEqual([reached]);
    expect(follow({ kind: "state", state: "down" }, [seen(1, run), seen(2, off)])).toEqual([again(5000), reached]);
  });

  test("comes when a service that was sent commands has no supervisor any more", () => {
    expect(follow(goals(["exit"]), [seen(1, off), nothing(2)])).toEqual([again(2), failure]);
  });

  test("comes with a permanent failure, once a command sent just before has had the time to take it back", () => {
    expect(follow(becomesUp, [seen(20, down, failed), seen(420, down, failed)])).toEqual([again(400), failure]);
    expect(follow(ups, [seen(20, down, failed), seen(420, down, failed)])).toEqual([again(420), failure]);
  });

  test("comes at the deadline", () => {
    expect(follow(ups, [seen(999, off), seen(1000, off)])).toEqual([again(420), timeout]);
    expect(follow(becomesUp, [nothing(999), nothing(1000)])).toEqual([again(80), timeout]);
    expect(follow(ups, [seen(1000, run, "stale")])).toEqual([timeout]);
    expect(follow(goals(["down"]), [seen(1000, off)])).toEqual([reached]);
  });

  test("comes at the deadline also for a process that only a check script could confirm", () => {
    expect(follow(ups, [seen(900, run), seen(1000, run)])).toEqual([again(100), timeout]);
    expect(follow(becomesReady, [seen(900, run), seen(1000, run)])).toEqual([again(100), confirm(true, timeout)]);
  });

  test("is not before a supervisor has had runit's time", () => {
    expect(beginWait(ups, 100, 0).deadline).toBe(520);
    expect(beginWait(ups, 100, 7).deadline).toBe(7100);
  });
});

test("a supervisor that comes back is judged anew", () => {
  const other = { ...run, pid: 6 };
  expect(follow(becomesUp, [seen(1, run), nothing(2), seen(10, other)])).toEqual([again(100), again(80), again(100)]);
});

test("state.json matters where readiness does", () => {
  expect([ups, goals(["check"]), becomesReady, becomesUp].map(needsDetails)).toEqual([true, true, true, true]);
  expect([goals(["down"]), goals(["exit"]), goals(["cont"])].map(needsDetails)).toEqual([false, false, false]);
  expect(follow(becomesReady, [seen(500, run, unready)])).toEqual([again(5000)]);
});

import type { Placement } from "@upkeep/supervise/core/state-json";
import { describe, expect, test } from "vitest";

import { learnPlacement, unproven, type PlacedEnd, type Placing } from "../../src/core/placement.ts";
import { World } from "../helpers/world.ts";

const at = { wall: { seconds: 1, nanoseconds: 0 }, monotonic: 5000, boot: 5000 };
const group: Placing = { next: "group", isProven: false };

function ended(placement: Placement, more: Partial<PlacedEnd> = {}): PlacedEnd {
  return { placement, startedAt: 4990, wasReady: false, isFailure: true, hasLeft: false, ...more };
}

describe("the placement of the next start", () => {
  test("is the other one after a start that failed at once", () => {
    expect(learnPlacement(unproven, ended("session"), at)).toEqual(group);
    expect(learnPlacement(group, ended("group", { hasLeft: true }), at)).toEqual(unproven);
  });

  test("is a session for good once a start has lived or become ready in one", () => {
    const session = { next: "session", isProven: true };
    expect(learnPlacement(unproven, ended("session", { startedAt: 4000 }), at)).toEqual(session);
    expect(learnPlacement(unproven, ended("session", { wasReady: true }), at)).toEqual(session);
    expect(learnPlacement({ next: "session", isProven: true }, ended("session"), at)).toEqual(session);
  });

  test("is a group for good once a start has lived that has made its own", () => {
    const proven = { next: "group", isProven: true };
    expect(learnPlacement(group, ended("group", { startedAt: 4000, hasLeft: true }), at)).toEqual(proven);
    // It was not the group that has helped.
    expect(learnPlacement(group, ended("group", { startedAt: 4000 }), at)).toEqual(unproven);
  });

  test("stays what it was after an end that was no failure, and in the group of runsv", () => {
    expect(learnPlacement(unproven, ended("session", { isFailure: false }), at)).toEqual(unproven);
    expect(learnPlacement(unproven, ended("shared"), at)).toEqual(unproven);
  });
});

test("a service that fails at once as the leader of a session is started in a group, and keeps it when it has helped", () => {
  const world = new World();
  const placements = (): readonly string[] =>
    world.effects.flatMap((effect) => (effect.kind === "startRun" ? [effect.placement] : []));
  const end = (after: number, own: number | null): void => {
    world.pass(after);
    const { pid } = world.process();
    world.alive.delete(pid);
    const exit = { kind: "exited", code: 1 } as const;
    world.post({ kind: "exited", slot: "service", pid, exit, group: own, at: world.at() });
    world.pass(1000);
  };
  end(10, null);
  expect(placements()).toEqual(["session", "group"]);
  end(5000, 4711);
  end(10, 4712);
  end(10, 4713);
  expect(placements()).toEqual(["session", "group", "group", "group", "group"]);
  // Its group is the one that it was seen in at its end.
  expect(world.state.service.lastExit?.group).toBe(4713);
});

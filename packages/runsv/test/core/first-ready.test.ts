import { expect, test } from "vitest";

import { World } from "../helpers/world.ts";

test("the first start and the first time that it is ready are kept over later starts", () => {
  const world = new World({ settings: { readiness: { kind: "ready-after", millis: 300 } } });
  world.pass(100);
  world.end(world.process(), { kind: "exited", code: 1 });
  world.pass(1000);
  const first = { began: 100_000, started: 100_000 };
  expect(world.state.service.firstReady).toEqual({ ...first, ready: null });
  world.pass(300);
  expect(world.state.service.firstReady).toEqual({ ...first, ready: 101_400 });
  world.end(world.process(), { kind: "exited", code: 1 });
  world.pass(2000);
  expect(world.state.service.firstReady).toEqual({ ...first, ready: 101_400 });
});

test("a job is ready by its end", () => {
  const world = new World({ settings: { policy: { ...new World().settings().policy, restart: "on-failure" } } });
  expect(world.state.service.firstReady).toMatchObject({ started: 100_000, ready: null });
  world.pass(700);
  world.end(world.process(), { kind: "exited", code: 0 });
  expect(world.state.service.firstReady?.ready).toBe(100_700);
});

test("nothing is known of a service that an older runsv has begun", () => {
  const world = new World();
  world.state = { ...world.state, service: { ...world.state.service, firstReady: null } };
  world.pass(10);
  world.end(world.process());
  world.pass(1000);
  expect(world.state.service.firstReady).toBeNull();
});

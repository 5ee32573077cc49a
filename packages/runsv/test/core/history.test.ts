import { expect, test } from "vitest";

import { World } from "../helpers/world.ts";

test("each end goes on record, with the words of those that have failed", () => {
  const world = new World({ log: "up" });
  world.end(world.process(), { kind: "exited", code: 1 });
  world.pass(1000);
  world.end(world.process(), { kind: "exited", code: 0 });
  world.pass(1000);
  world.command("down");
  world.end(world.process(), { kind: "killed", signal: 15, core: false });
  world.end(world.process("run", "log"), { kind: "exited", code: 1 });
  const service = { slot: "service", ready: true } as const;
  expect(world.ends).toEqual([
    { ...service, keepsWords: true },
    { ...service, keepsWords: false },
    { ...service, keepsWords: false },
    { slot: "log", ready: true, keepsWords: true },
  ]);
});

test("the words of a start are kept that was stopped before it was ready, or could not be made", () => {
  const world = new World({ settings: { readiness: { kind: "notification-fd", fd: 3 } } });
  world.command("down");
  world.end(world.process(), { kind: "killed", signal: 15, core: false });
  world.options.starts = "no exec";
  world.pass(1000);
  world.command("up");
  expect(world.ends.slice(0, 2)).toEqual([
    { slot: "service", ready: false, keepsWords: true },
    { slot: "service", ready: false, keepsWords: true },
  ]);
});

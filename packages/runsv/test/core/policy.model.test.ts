import { defaultPolicy } from "@upkeep/service-directory/core/run-settings";
import { commandLetters, type Command } from "@upkeep/supervise/core/command";
import type { Exit } from "@upkeep/linux/process/wait";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isReady } from "../../src/core/slot.ts";
import { renderStatus } from "../../src/core/status.ts";
import { nextDeadline } from "../../src/core/supervisor.ts";
import { World, type Options } from "../helpers/world.ts";

const commands = Object.keys(commandLetters) as Command[];

type Move =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "end"; readonly which: number; readonly exit: Exit }
  | { readonly kind: "pass"; readonly millis: number }
  | { readonly kind: "notify" }
  | { readonly kind: "checks"; readonly checks: Options["checks"] }
  | { readonly kind: "depend"; readonly missing: readonly string[]; readonly tells: boolean }
  | { readonly kind: "files"; readonly settings: Options["settings"] };

const exits: fc.Arbitrary<Exit> = fc.oneof(
  fc.record({ kind: fc.constant("exited" as const), code: fc.constantFrom(0, 1, 3, 125) }),
  fc.record({ kind: fc.constant("killed" as const), signal: fc.constantFrom(9, 11, 15), core: fc.boolean() }),
);

const settings: fc.Arbitrary<Options["settings"]> = fc.record({
  timeoutKill: fc.constantFrom(null, 0, 300),
  timeoutFinish: fc.constantFrom(0, 300),
  downSignal: fc.constantFrom(15, 3),
  policy: fc.record({
    restart: fc.constantFrom("always" as const, "on-failure" as const, "never" as const),
    heedsFinish: fc.boolean(),
    exitOk: fc.constantFrom(defaultPolicy.exitOk, { codes: [3], signals: [15] }),
    delay: fc.constantFrom(defaultPolicy.delay, { min: 0, max: 0, factor: 1 }, { min: 50, max: 5000, factor: 3 }),
    limit: fc.constantFrom(null, { count: 0, millis: 5000 }, { count: 2, millis: 5000 }),
    critical: fc.constantFrom("no" as const, "failure" as const, "any-exit" as const),
  }),
  readiness: fc.constantFrom(
    null,
    { kind: "notification-fd" as const, fd: 3 },
    { kind: "check" as const, otherwise: null },
    { kind: "check" as const, otherwise: { kind: "ready-after" as const, millis: 700 } },
    { kind: "ready-after" as const, millis: 700 },
  ),
});

const checkStarts = fc.constantFrom<Options["checks"]>("work", "no fork", "no exec");

const missing = fc.constantFrom<readonly string[]>([], [], ["db"], ["cache", "db"]);

const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("command" as const), command: fc.constantFrom(...commands) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(3), exit: exits }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), millis: fc.nat(3000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), millis: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("checks" as const), checks: checkStarts }) },
  { weight: 1, arbitrary: fc.constant({ kind: "notify" as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("depend" as const), missing, tells: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("files" as const), settings }) },
);

const directories: fc.Arbitrary<Partial<Options>> = fc.record({
  down: fc.boolean(),
  hasFinish: fc.boolean(),
  log: fc.constantFrom("up" as const, null),
  missing,
  settings,
});

function make(world: World, move: Move): void {
  switch (move.kind) {
    case "command":
      return world.command(move.command);
    case "end": {
      const process = [...world.alive.values()].at(move.which);
      return process === undefined ? undefined : world.end(process, move.exit);
    }
    case "pass":
      return world.pass(move.millis);
    case "notify":
      return world.has("run") ? world.notify() : undefined;
    case "depend":
      if (move.tells) return world.depend(move.missing);
      world.options.missing = move.missing;
      return;
    case "checks":
      world.options.checks = move.checks;
      return;
    case "files":
      world.options.settings = move.settings;
      return;
    default:
      move satisfies never;
  }
}

/** Whether somebody has asked for a start. */
function isStart(move: Move): boolean {
  return move.kind === "command" && (move.command === "up" || move.command === "once");
}

/** What must hold whatever has happened; `done` is how much had been done, `before` how the service was. */
function check(world: World, move: Move, before: World["state"]["service"], done: number): void {
  const runs = world.done.slice(0, done).filter((what) => what === "run").length;
  const { service, log } = world.state;
  const alive = [...world.alive.values()].filter(({ slot }) => slot === "service");
  expect(alive.filter(({ role }) => role === "run" || role === "finish").length).toBeLessThanOrEqual(1);

  const starts = world.done.filter((what) => what === "run").length - runs;
  if (before.outcome !== null && !isStart(move)) expect(starts).toBe(0);
  // Dependencies are looked at before each start, and a move changes them at most once, before all else.
  if (world.options.missing.length > 0 && move.kind !== "depend") expect(starts).toBe(0);

  const isResting = service.state.kind === "down" && service.want !== "up" && !service.state.isOnce;
  if (isResting && (log === null || log.state.kind === "run")) expect(nextDeadline(world.state)).toBe(Infinity);
  if (service.outcome !== null) {
    expect(service.state.kind).toBe("down");
    expect(service.want).not.toBe("up");
  }
  if (service.state.kind === "run" && service.state.progress.kind === "ready") {
    expect(service.state.killAt).toBe(nextDeadline({ ...world.state, log: null }));
  }
  // Each start is complained about once at most, and never when it was ready; nothing else wakes a run that waits.
  const isComplaint = (what: string): boolean => what.startsWith("warning: not ready");
  expect(world.done.slice(world.done.lastIndexOf("run") + 1).filter(isComplaint).length).toBeLessThanOrEqual(1);
  if (starts === 0 && isReady(before)) expect(world.done.slice(done).filter(isComplaint)).toEqual([]);
  if (service.state.kind === "run" && service.state.progress.kind === "unfinished") {
    expect(service.state.killAt).toBe(nextDeadline({ ...world.state, log: null }));
  }
  expect(() => JSON.parse(renderStatus(service, "app")["state.json"]) as unknown).not.toThrow();
  if (world.exits > 0) {
    expect(world.exits).toBe(1);
    expect(world.done.at(-1)).toBe("exit");
  }
}

describe("whatever the directory says and whatever happens", () => {
  test("never two, none after a permanent failure, none before its dependencies, no timer that nobody needs", () => {
    fc.assert(
      fc.property(directories, fc.array(moves, { maxLength: 50 }), (directory, sequence) => {
        const world = new World(directory);
        for (const move of sequence) {
          const done = world.done.length;
          const before = world.state.service;
          make(world, move);
          check(world, move, before, done);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("an exit is reached once all that runs has ended", () => {
    fc.assert(
      fc.property(directories, fc.array(moves, { maxLength: 40 }), (directory, sequence) => {
        const world = new World(directory);
        for (const move of sequence) make(world, move);
        world.command("exit");
        for (let round = 0; round < 12 && world.exits === 0; round++) {
          for (const process of world.alive.values()) world.end(process);
          world.pass(10_000);
        }
        expect(world.exits).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  test("a failure for good is said and told once each", () => {
    fc.assert(
      fc.property(directories, fc.array(moves, { maxLength: 50 }), (directory, sequence) => {
        const world = new World(directory);
        for (const move of sequence) make(world, move);
        const said = world.done.filter((what) => what.startsWith("warning: giving up")).length;
        expect(world.reports.filter(({ event }) => event === "failed")).toHaveLength(said);
      }),
      { numRuns: 200 },
    );
  });
});

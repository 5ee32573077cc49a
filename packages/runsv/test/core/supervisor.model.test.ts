import { commandLetters, type Command } from "@upkeep/supervise/core/command";
import { decodeStatus } from "@upkeep/supervise/core/status";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ScriptLetter } from "../../src/core/slot.ts";
import { renderStatus } from "../../src/core/status.ts";
import { nextDeadline } from "../../src/core/supervisor.ts";
import { World, type Options } from "../helpers/world.ts";

const commands = Object.keys(commandLetters) as Command[];
const letters: readonly ScriptLetter[] = ["u", "t", "d", "x", "k", "p", "c", "h"];

type Move =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "log"; readonly command: Command }
  | { readonly kind: "end"; readonly which: number; readonly code: number }
  | { readonly kind: "pass"; readonly millis: number }
  | { readonly kind: "starts"; readonly starts: Options["starts"] }
  | { readonly kind: "leftovers"; readonly count: number };

const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("command" as const), command: fc.constantFrom(...commands) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("log" as const), command: fc.constantFrom(...commands) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(3), code: fc.nat(255) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("pass" as const), millis: fc.nat(3000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("starts" as const),
      starts: fc.constantFrom<Options["starts"]>("works", "no fork", "no exec"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("leftovers" as const), count: fc.nat(4) }) },
);

const directories: fc.Arbitrary<Partial<Options>> = fc.record({
  log: fc.constantFrom("up", "down", null),
  down: fc.boolean(),
  hasFinish: fc.boolean(),
  scripts: fc.subarray([...letters]).map((chosen) => new Set(chosen)),
  settings: fc.record({
    endsLeftovers: fc.boolean(),
    endsOrphans: fc.boolean(),
    timeoutKill: fc.constantFrom(null, 0, 300),
  }),
});

function make(world: World, move: Move): void {
  switch (move.kind) {
    case "command":
      return world.command(move.command);
    case "log":
      return world.state.log === null ? undefined : world.commandLog(move.command);
    case "end": {
      const process = [...world.alive.values()].at(move.which);
      return process === undefined ? undefined : world.end(process, { kind: "exited", code: move.code });
    }
    case "pass":
      return world.pass(move.millis);
    case "starts":
      world.options.starts = move.starts;
      return;
    case "leftovers":
      world.options.leftovers = move.count;
      return;
    default:
      move satisfies never;
  }
}

/** What must hold whatever has happened. */
function check(world: World): void {
  const alive = [...world.alive.values()];
  for (const slot of ["service", "log"] as const) {
    const own = alive.filter((process) => process.slot === slot && process.role !== "script");
    expect(own.length).toBeLessThanOrEqual(1);
  }
  const { service, log } = world.state;
  const files = renderStatus(service, "app");
  const record = decodeStatus(files.status);
  const main = alive.find((process) => process.slot === "service" && process.role !== "script");
  if (service.state.kind === "run" || service.state.kind === "finish") expect(record?.pid).toBeGreaterThan(0);
  if (record?.state === "down") expect(files.pid).toBe("");
  if (main !== undefined && service.script === null) expect(record?.pid).toBe(main.pid);
  expect(() => JSON.parse(files["state.json"]) as unknown).not.toThrow();
  if (world.exits > 0) {
    expect(world.exits).toBe(1);
    expect(world.done.at(-1)).toBe("exit");
    expect(alive).toEqual([]);
  }
  const isIdle = (slot: typeof service): boolean => slot.state.kind === "down" && slot.want !== "up";
  const isQuiet = isIdle(service) && (log === null || isIdle(log)) && service.script === null;
  if (isQuiet && !(service.state.kind === "down" && service.state.isOnce)) {
    if (log?.state.kind !== "down" || !log.state.isOnce) expect(nextDeadline(world.state)).toBe(Infinity);
  }
}

describe("whatever happens", () => {
  test("there never are two, and the end comes once and last", () => {
    fc.assert(
      fc.property(directories, fc.array(moves, { maxLength: 60 }), (directory, sequence) => {
        const world = new World(directory);
        check(world);
        for (const move of sequence) {
          make(world, move);
          check(world);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("an exit is reached once everything that runs has ended", () => {
    fc.assert(
      fc.property(directories, fc.array(moves, { maxLength: 40 }), (directory, sequence) => {
        const world = new World(directory);
        for (const move of sequence) make(world, move);
        world.options.starts = "works";
        world.options.leftovers = 0;
        world.command("exit");
        for (let round = 0; round < 12 && world.exits === 0; round++) {
          for (const process of world.alive.values()) world.end(process);
          world.pass(10_000);
        }
        expect(world.exits).toBe(1);
      }),
      { numRuns: 1000 },
    );
  });

  test("a service wanted up runs again after any number of crashes, never sooner than a second after a quick one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2500), { maxLength: 30 }), (uptimes) => {
        const world = new World();
        for (const uptime of uptimes) {
          world.pass(uptime);
          world.end(world.process(), { kind: "killed", signal: 9, core: false });
          expect(world.has("run")).toBe(uptime >= 1000);
          world.pass(uptime >= 1000 ? 0 : 1000);
          expect(world.has("run")).toBe(true);
        }
        expect(world.state.service.starts).toBe(uptimes.length + 1);
      }),
    );
  });
});

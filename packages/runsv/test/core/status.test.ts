import { decodeStatus } from "@upkeep/supervise/core/status";
import { describe, expect, test } from "vitest";

import type { LastExit } from "../../src/core/slot.ts";
import { finishArguments, mayWait, renderStatus } from "../../src/core/status.ts";
import { World } from "../helpers/world.ts";

const supervisor = { pid: 4, startTicks: 40, parent: "5 500", session: 7, group: 8 };
const here = { system: "boot pid:[1] 2", superviseDirectory: null, logPipe: 17, supervisor };
const at = { seconds: 1_700_000_000, nanoseconds: 0 };

describe("finish arguments", () => {
  test.each<[LastExit["exit"], number | null, readonly string[]]>([
    [{ kind: "exited", code: 37 }, 12, ["37", "0", "app", "12"]],
    [{ kind: "killed", signal: 9, core: false }, 12, ["-1", "9", "app", "12"]],
    [{ kind: "killed", signal: 11, core: true }, 12, ["-1", "139", "app", "12"]],
    [null, null, ["111", "0", "app", ""]],
    [{ kind: "unknown" }, 12, ["-1", "0", "app", "12"]],
  ])("%j", (exit, group, expected) => {
    expect(finishArguments({ exit, group, at, ranMillis: 0 }, "app")).toEqual(expected);
  });
});

describe("status files", () => {
  test("of a running service", () => {
    const world = new World();
    const files = renderStatus(world.state.service, "app", here);
    expect(files.pid).toBe("1000\n");
    expect(files.stat).toBe("run\n");
    expect(decodeStatus(files.status)).toMatchObject({ pid: 1000, want: "up", state: "run" });
    expect(JSON.parse(files["state.json"])).toEqual({
      version: 1,
      name: "app",
      state: "run",
      since: "2023-11-14T22:15:00.000000Z",
      want: "up",
      paused: false,
      gotTerm: false,
      once: false,
      pid: 1000,
      processGroup: 1000,
      startTicks: 10_000,
      system: "boot pid:[1] 2",
      superviseDirectory: null,
      logPipe: 17,
      supervisor,
      memory: {
        failures: [],
        delay: null,
        startAt: null,
        soonestAt: null,
        asked: [],
        lastGroup: null,
        placement: "session",
        placing: { next: "session", isProven: false },
      },
      starting: null,
      groupAt: null,
      starts: 1,
      lastExit: null,
      nextStart: null,
      ready: true,
      readySince: "2023-11-14T22:15:00.000000Z",
      firstReady: { began: 100_000, started: 100_000, ready: 100_000 },
      readiness: null,
      satisfied: true,
      waitingFor: [],
      waitingProblem: null,
      failures: 0,
      failed: null,
      critical: false,
      leftBehind: null,
    });
  });

  test("of one that crashed and waits for its next start", () => {
    const world = new World();
    world.pass(250);
    world.end(world.process(), { kind: "killed", signal: 6, core: true });
    const files = renderStatus(world.state.service, "app", here);
    expect(files.pid).toBe("");
    expect(JSON.parse(files["state.json"])).toMatchObject({
      state: "down",
      pid: null,
      starts: 1,
      lastExit: { code: null, signal: 6, core: true, ranMillis: 250 },
      nextStart: "2023-11-14T22:15:01.250000Z",
    });
  });

  test("while leftovers are ended the pid is that of their group", () => {
    const world = new World({ leftovers: 5 });
    world.end(world.process());
    const files = renderStatus(world.state.service, "app", here);
    expect(files.pid).toBe("1000\n");
    expect(decodeStatus(files.status)).toMatchObject({ pid: 1000, state: "finish" });
  });
});

test("only what has been told to end, and has not, may be written later", () => {
  const { service } = new World().state;
  const told = { ...service, gotTerm: true };
  const { service: down } = new World({ down: true }).state;
  expect(mayWait(told, service)).toBe(true);
  expect(mayWait(service, told)).toBe(false);
  expect(mayWait({ ...down, gotTerm: true }, told)).toBe(false);
  expect(mayWait(told, down)).toBe(false);
  expect(told.state.kind).toBe("run");
  if (told.state.kind !== "run") return;
  const other = { ...told.state, process: { ...told.state.process, pid: 7 } };
  expect(mayWait({ ...told, state: other }, service)).toBe(false);
});

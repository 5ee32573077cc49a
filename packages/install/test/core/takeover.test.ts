import { describe, expect, test } from "vitest";

import { isComplete, logPipeOf } from "../../src/core/takeover/family.ts";
import { decodeUnit, keeperOf, unitOf, type KeeperFacts } from "../../src/core/takeover/keeper.ts";
import { failuresOf, renderTakeover, takeoverToJson, type Taken } from "../../src/core/takeover/report.ts";

describe("who starts a runsvdir again", () => {
  const unit = { name: "runit.service", mainPid: 40, restart: "always", killMode: "process" };
  const ofSystemd: KeeperFacts = {
    pid: 40,
    parent: 1,
    processOne: "systemd",
    unit,
    inittab: null,
    findsOurs: true,
  };
  const ofInit: KeeperFacts = {
    ...ofSystemd,
    processOne: "init",
    unit: null,
    inittab: "id:2:initdefault:\nSV:123456:respawn:/etc/runit/2\n",
  };

  test("is systemd, by a unit that leaves the services alone", () => {
    expect(keeperOf(ofSystemd)).toEqual({ kind: "restarts" });
    expect(keeperOf({ ...ofSystemd, unit: { ...unit, restart: "on-success", killMode: "none" } }).kind).toBe(
      "restarts",
    );
  });

  test.each([
    ["it is not the main process of runit.service", { mainPid: 41 }],
    ["systemd would end its services with it: runit.service has KillMode=control-group", { killMode: "control-group" }],
    ["systemd would end its services with it: runit.service has KillMode=mixed", { killMode: "mixed" }],
    ["runit.service has Restart=no", { restart: "no" }],
    ["runit.service has Restart=on-failure", { restart: "on-failure" }],
  ])("is nobody where %s", (why, changes) => {
    expect(keeperOf({ ...ofSystemd, unit: { ...unit, ...changes } })).toEqual({ kind: "stays", why });
  });

  test.each(["SV:123456:respawn:/etc/runit/2", "::respawn:/usr/bin/runsvdir -P /etc/service"])(
    "is init, by the line %s",
    (line) => {
      expect(keeperOf({ ...ofInit, inittab: `# a comment\n${line}\n` }).kind).toBe("restarts");
      expect(keeperOf({ ...ofInit, processOne: "busybox", inittab: line }).kind).toBe("restarts");
    },
  );

  test.each([
    ["it is process 1", { pid: 1, parent: 0 }],
    ["its PATH leads to another runsvdir than ours", { findsOurs: false }],
    ["process 1 would take its end for the end of stage 2", { processOne: "runit" }],
    ["nothing shows that it would be started again", { parent: 7 }],
    ["nothing shows that it would be started again", { processOne: "tini" }],
    ["nothing shows that it would be started again", { inittab: "#SV:123456:respawn:/etc/runit/2\n" }],
    ["nothing shows that it would be started again", { inittab: "SV:123456:once:/etc/runit/2\n" }],
    ["nothing shows that it would be started again", { inittab: "SV:123456:respawn:/etc/runit/22\n" }],
    ["nothing shows that it would be started again", { inittab: null }],
  ])("is nobody where %s", (why, changes: Partial<KeeperFacts>) => {
    expect(keeperOf({ ...ofInit, ...changes })).toEqual({ kind: "stays", why });
  });

  test("the unit is the innermost service of its control group", () => {
    expect(unitOf("0::/system.slice/runit.service\n")).toBe("runit.service");
    expect(unitOf("12:cpu:/x\n1:name=systemd:/machine.slice/a.service/system.slice/runit.service/sub\n")).toBe(
      "runit.service",
    );
    expect(unitOf("0::/user.slice/user-0.slice/session-1.scope\n")).toBeNull();
    expect(unitOf("")).toBeNull();
    expect(decodeUnit("runit.service", "Restart=always\nMainPID=40\nKillMode=process\n")).toEqual(unit);
    expect(decodeUnit("runit.service", "")).toMatchObject({ mainPid: 0, restart: "", killMode: "" });
  });
});

describe("the record of a stopped runsv", () => {
  const status = (pid: number): Parameters<typeof isComplete>[0] => ({
    since: { seconds: 1, nanoseconds: 0 },
    pid,
    paused: false,
    want: "up",
    gotTerm: false,
    state: pid === 0 ? "down" : "run",
  });
  const child = (pid: number, hasEnded = false): Parameters<typeof isComplete>[2][number] => ({ pid, hasEnded });

  test("is complete where its children are those on record, also if one of these has ended", () => {
    expect(isComplete(status(5), status(6), [child(6), child(5)])).toBe(true);
    expect(isComplete(status(5), status(6), [child(6), child(5, true)])).toBe(true);
    expect(isComplete(status(0), status(6), [child(6)])).toBe(true);
    expect(isComplete(status(0), null, [])).toBe(true);
  });

  test("is not where it has one more, or one on record is not its child", () => {
    expect(isComplete(status(5), status(6), [child(5), child(6), child(7)])).toBe(false);
    expect(isComplete(status(0), null, [child(7)])).toBe(false);
    expect(isComplete(status(5), null, [])).toBe(false);
    // What has ended, and is on no record, matters to nobody.
    expect(isComplete(status(5), null, [child(5), child(4, true)])).toBe(true);
  });

  test("names the pipe that the log reads, or the service writes, if the runsv has it open", () => {
    const runsv = ["pipe:[8]", "pipe:[9]", "/dev/null"];
    expect(logPipeOf({ service: ["/dev/null", "pipe:[9]"], log: ["pipe:[9]"] }, runsv)).toBe(9);
    expect(logPipeOf({ service: [], log: ["pipe:[9]"] }, runsv)).toBe(9);
    expect(logPipeOf({ service: ["/dev/null", "pipe:[9]", "pipe:[8]"], log: [] }, runsv)).toBe(9);
    expect(logPipeOf({ service: ["pipe:[9]", "pipe:[7]"], log: ["/dev/null"] }, runsv)).toBeNull();
    expect(logPipeOf({ service: [null, null], log: [null] }, runsv)).toBeNull();
  });
});

test("what has become of each is a line, an object, and a number of failures", () => {
  const taken = (name: string, outcome: Taken["outcome"], pid: number | null, why: string | null): Taken => {
    return { name, outcome, pid, why };
  };
  const done = {
    runsvdir: taken("runsvdir", "left alone", 1, "it is process 1"),
    services: [
      taken("a\x1b", "taken over", 5, null),
      taken("b", "left alone", 6, "others may write to its supervise directory"),
      taken("c", "failed", null, "why"),
      taken("d", "ours", 7, null),
      taken("e", "would", 8, null),
    ],
  };
  expect(renderTakeover(done).split("\n")).toEqual([
    "left alone: runsvdir: (pid 1): it is process 1",
    expect.stringMatching(/^ok: taken over: a[\x20-\x7e]+: \(pid 5\)$/),
    "left alone: b: (pid 6): others may write to its supervise directory",
    "fail: c: why",
    "ok: ours already: d: (pid 7)",
    "would be taken over: e: (pid 8)",
    "",
  ]);
  expect(JSON.parse(takeoverToJson(done))).toEqual({ version: 1, ...done });
  expect(failuresOf(done)).toBe(2);
  expect(failuresOf({ ...done, runsvdir: taken("runsvdir", "failed", null, "why") })).toBe(3);
});

import { harmless } from "@upkeep/program/core/one-line";
import { expect, test } from "vitest";

import { describeRenewal } from "../../src/core/renewal.ts";

const done = { program: "runsvdir", pid: 1, before: "0.1.0", version: "0.2.0", problem: null };

test("each program has a line, and the runsv that are alike have one together", () => {
  const programs = [
    done,
    { ...done, program: "runsv a", pid: 2 },
    { ...done, program: "runsv b", pid: 3 },
    { ...done, program: "runsv c", pid: 4, before: "0.2.0" },
    { ...done, program: "runsv d", pid: 5, problem: "bad\u001b[2J" },
  ];
  expect(describeRenewal(programs)).toEqual({
    lines: [
      "ok: renewed: runsvdir: (pid 1) version 0.2.0, before 0.1.0",
      "ok: renewed: 2 runsv: version 0.2.0, before 0.1.0",
      "ok: renewed: 1 runsv: version 0.2.0, as before",
      harmless("fail: runsv d: (pid 5) not renewed: bad\u001b[2J"),
    ],
    failures: 1,
  });
});

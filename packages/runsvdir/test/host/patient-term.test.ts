import { expect, test } from "vitest";

import { createPatientTerm } from "../../src/host/patient-term.ts";
import { HandTimers } from "../helpers/hand-timers.ts";

/** Three young runsv; what is sent is written down. */
function createWorld() {
  const timers = new HandTimers();
  const listening = new Set<number>();
  const done: string[] = [];
  const term = createPatientTerm({
    isListening: (pid) => listening.has(pid),
    send: (pid) => void done.push(`TERM ${pid}`),
    later: timers.later,
    now: timers.now,
  });
  for (const pid of [1, 2, 3]) term.started(pid);
  return { timers, listening, done, term };
}

test("is sent when the runsv listens, and at once to a runsv that is not ours", () => {
  const { timers, listening, done, term } = createWorld();
  for (const pid of [1, 2, 4]) term.send(pid);
  term.whenSent(() => done.push("all"));
  expect(done).toEqual(["TERM 4"]);
  listening.add(2);
  timers.turn(10);
  expect(done).toEqual(["TERM 4", "TERM 2"]);
  listening.add(1);
  timers.turn(10);
  expect(done).toEqual(["TERM 4", "TERM 2", "TERM 1", "all"]);
  timers.turn(20_000);
  term.whenSent(() => done.push("nothing to wait for"));
  expect(done.slice(4)).toEqual(["nothing to wait for"]);
});

test("is not sent to a runsv that has ended meanwhile", () => {
  const { timers, listening, done, term } = createWorld();
  term.send(1);
  term.whenSent(() => done.push("all"));
  listening.add(1);
  term.ended(1);
  timers.turn(20_000);
  expect(done).toEqual(["all"]);
});

test("is sent in the end to a runsv that never listens, and at once to an old one", () => {
  const { timers, done, term } = createWorld();
  term.send(1);
  timers.turn(9000);
  expect(done).toEqual([]);
  timers.turn(1100);
  term.send(2);
  expect(done).toEqual(["TERM 1", "TERM 2"]);
});

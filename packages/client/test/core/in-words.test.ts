import { expect, test } from "vitest";

import { type LastEnd, noDetails, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { describeInWords, tellsOfEnds } from "@upkeep/client/core/in-words";
import type { Snapshot } from "@upkeep/client/core/json";

import { down, off, run } from "../helpers/records.ts";

const now = 1_000_000;

const iso = (ago: number): string => new Date((now - ago) * 1000).toISOString();
const end = (code: number, ago: number): LastEnd => ({ code, signal: null, core: false, at: iso(ago), ranMillis: 20 });
const at = (record: StatusRecord, ago: number): StatusRecord => ({
  ...record,
  since: { seconds: now - ago, nanoseconds: 0 },
});

function words(record: StatusRecord, details: Partial<StateDetails> = {}, ends: readonly LastEnd[] = []): string {
  const state = { record, details: { ...noDetails, ...details } };
  return describeInWords({ state, isNormallyDown: false }, ends, now);
}

test("a service that crashes again and again is told of with its ends and its next start", () => {
  const ends = [end(3, 2), end(3, 10), end(3, 20), end(3, 40), end(3, 90), end(0, 95)];
  const nextStart = iso(-8);
  expect(words(at(down, 2), { nextStart }, ends)).toBe("restarting: exited 3 four times in a minute, next try in 8s");
  expect(words(at(down, 2), { nextStart }, [end(3, 2), end(3, 90)])).toBe(
    "restarting: exited 3 twice in an hour, next try in 8s",
  );
  expect(words(at(down, 2), { lastExit: end(3, 2) })).toBe("restarting: exited 3, 2s ago, next try now");
  expect(words(at(down, 2), { nextStart: iso(-3) })).toBe("starting: next try in 3s");
  const many = Array.from({ length: 20 }, (_, index) => end(1, index));
  expect(words(at(run, 5), {}, many)).toBe("up for 5s, after it exited 1 20 times in a minute");
});

test("one that runs is ready, not ready, paused or stopping", () => {
  const readiness = "notification-fd";
  expect(words(at(run, 7200), { ready: true, readiness, readySince: iso(7190) })).toBe("up and ready for 1h59m");
  expect(words(at(run, 7200), { ready: true }, [end(1, 7201)])).toBe("up for 2h00m");
  expect(words(at(run, 3), { ready: false, readiness })).toBe("starting: not ready for 3s, as notification-fd tells");
  expect(words({ ...at(run, 3), paused: true })).toBe("paused, up for 3s");
  expect(words({ ...at(run, 9), want: "down", gotTerm: true })).toBe(
    "stopping: it got TERM, and still runs, up for 9s",
  );
  expect(words({ ...at(run, 9), want: "down" }, { once: true })).toBe("up for 9s");
  const killed = { ...end(0, 12), code: null, signal: 9 };
  expect(words(at(run, 9), {}, [killed])).toBe("up for 9s, after it was killed by signal 9, 12s ago");
});

test("one that ends tells for how long it has, and what it waits for", () => {
  const ending = { ...at(run, 76), state: "finish" } as const;
  expect(words(ending, { lastExit: end(3, 3), startTicks: 5 })).toBe("ending for 3s: ./finish runs");
  expect(words(ending, { lastExit: end(3, 3) })).toBe("ending for 3s: what ./run has left running is ended");
  expect(words({ ...ending, pid: 0 }, { lastExit: end(3, 3) })).toBe("ending for 3s");
  expect(words(ending)).toBe("ending: ./finish runs");
});

test("one whose log service is broken tells of that, however it is itself", () => {
  const log = (record: StatusRecord, details: Partial<StateDetails> = {}): Pick<Snapshot, "log"> => ({
    log: {
      label: "web/log",
      path: "/s/web/log",
      state: { record, details: { ...noDetails, ...details } },
      isNormallyDown: false,
    },
  });
  const told = (broken: Pick<Snapshot, "log">, record = at(run, 90)): string =>
    describeInWords({ state: { record, details: noDetails }, isNormallyDown: false, ...broken }, [], now);
  expect(told(log(at(run, 90)))).toBe("up for 1m30s");
  expect(told(log(at(off, 90)))).toBe("up for 1m30s");
  const details = { lastExit: end(1, 2), nextStart: iso(-1) };
  expect(told(log(at(down, 2), details))).toBe("up for 1m30s; log/run: restarting: exited 1, 2s ago, next try in 1s");
  expect(told(log(at(run, 1), details))).toBe("up for 1m30s; log/run: up for 1s, after it exited 1, 2s ago");
  expect(told(log({ ...at(run, 9), paused: true }), at(off, 5))).toBe(
    "down for 5s, as it is wanted, normally up; log/run: paused, up for 9s",
  );
});

test("one that does not run is down, done, failed, waiting or not supervised", () => {
  expect(words(at(off, 61))).toBe("down for 1m01s, as it is wanted, normally up");
  expect(words(at(down, 61), { satisfied: true, ready: true })).toBe("done: the job ended well 1m01s ago");
  const failed = { reason: "restart-limit", text: "3 failures within 10 seconds", at: iso(5) };
  expect(words(at(down, 5), { failed })).toBe(
    "failed: 3 failures within 10 seconds; it stays down until it is started",
  );
  expect(words(at(down, 5), { waitingFor: ["db", "mq"] })).toBe("waiting for db, mq to be ready");
  expect(words(at(down, 5), { waitingFor: ["db"], waitingProblem: "db does not exist" })).toBe(
    "waiting for db: db does not exist",
  );
  const state = { severity: "fail", message: "runsv not running" } as const;
  expect(describeInWords({ state, isNormallyDown: null }, [], now)).toBe("not supervised: runsv not running");
});

test("ends are of interest where the sentence counts them", () => {
  const lastExit = end(3, 2);
  const asks = (record: StatusRecord, details: Partial<StateDetails> = { lastExit }): boolean =>
    tellsOfEnds({ record, details: { ...noDetails, ...details } }, now);
  expect([asks(at(down, 2)), asks(at(run, 59))]).toEqual([true, true]);
  expect([asks(at(down, 2), {}), asks(at(run, 60)), asks(at(off, 2))]).toEqual([false, false, false]);
  expect(asks(at(down, 2), { lastExit, satisfied: true, ready: true })).toBe(false);
  expect(asks(at(down, 2), { lastExit, waitingFor: ["db"] })).toBe(false);
});

import {
  decodeDetails,
  decodeStateJson,
  encodeStateJson,
  isoTime,
  noDetails,
  noServiceDetails,
  timeOf,
  type ServiceDetails,
  type SlotRecord,
  type StateRecord,
} from "@upkeep/supervise/core/state-json";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const record = { since: { seconds: 1_700_000_000, nanoseconds: 123_456_500 }, pid: 5, state: "run" };
const file = { version: 1, name: "web", state: "run", since: "2023-11-14T22:13:20.123456Z", pid: 5, want: "up" };

const decode = (changes: Readonly<Record<string, unknown>>) =>
  decodeDetails(JSON.stringify({ ...file, ...changes }), record);

describe("state.json", () => {
  test("of an older supervisor leaves null what it does not know", () => {
    expect(decode({ starts: 3 })).toEqual({ ...noDetails, want: "up", starts: 3 });
  });

  test("tells of readiness, dependencies and failure", () => {
    const found = {
      once: true,
      ready: false,
      readySince: null,
      readiness: "check",
      satisfied: false,
      waitingFor: ["db", "cache"],
      waitingProblem: null,
      failures: 2,
      failed: { reason: "restart-limit", text: "3 failures within 10 seconds", at: "2023-11-14T22:13:21Z" },
      critical: true,
    };
    expect(decode(found)).toEqual({ ...noDetails, want: "up", ...found });
  });

  test("counts only together with the status it was written with", () => {
    expect(decode({ pid: 6 })).toBeNull();
    expect(decode({ pid: null })).toBeNull();
    expect(decode({ state: "down" })).toBeNull();
    expect(decode({ since: "2023-11-14T22:13:20.123457Z" })).toBeNull();
    expect(decode({ since: "2023-11-14T22:13:20Z" })).toBeNull();
    expect(decode({ version: 2 })).toBeNull();
    expect(decodeDetails("{ nonsense", record)).toBeNull();
    expect(decodeDetails("[]", record)).toBeNull();
  });

  test("with odd values never throws", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(noDetails)), fc.jsonValue()), (changes) => {
        expect(Object.keys(decode(changes) ?? {})).toEqual(Object.keys(noDetails));
      }),
    );
  });
});

test("a time is read to the nanosecond", () => {
  expect(timeOf("2023-11-14T22:13:20Z")).toEqual({ seconds: 1_700_000_000, nanoseconds: 0 });
  expect(timeOf("2023-11-14T22:13:20.5Z")).toEqual({ seconds: 1_700_000_000, nanoseconds: 500_000_000 });
  for (const text of ["", "yesterday", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z", 5, null]) {
    expect(timeOf(text)).toBeNull();
  }
});

test("a time that was written is read again to the microsecond, as far as calendars go", () => {
  const seconds = fc.integer({ min: -8_639_999_999_999, max: 8_639_999_999_999 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 999_999 }), (at, micros) => {
      const time = { seconds: at, nanoseconds: micros * 1000 };
      expect(timeOf(isoTime(time))).toEqual(time);
    }),
  );
  expect(isoTime({ seconds: 8.64e12, nanoseconds: 0 })).toBeNull();
});

const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const time = fc.date({ noInvalidDate: true, max: new Date("9999-12-31") }).map((date) => date.toISOString());
const count = fc.nat(2 ** 31);
const positive = fc.integer({ min: 1, max: 2 ** 40 });

const lastEnd = fc.record({
  code: orNull(fc.nat(255)),
  signal: orNull(fc.integer({ min: 1, max: 64 })),
  core: fc.boolean(),
  at: time,
  ranMillis: count,
});

const memory = fc.record({
  failures: fc.array(positive),
  delay: orNull(positive),
  startAt: orNull(positive),
  soonestAt: orNull(positive),
  asked: fc.array(fc.oneof(fc.constantFrom("exit" as const, "anything" as const), fc.integer({ min: 1, max: 64 }))),
  lastGroup: orNull(positive),
  placement: orNull(fc.constantFrom("session" as const, "group" as const, "shared" as const)),
  placing: fc.record({ next: fc.constantFrom("session" as const, "group" as const), isProven: fc.boolean() }),
});

/** A service, whose `satisfied` is always known, or a log, which has none of the fields from `ready` on. */
const slot: fc.Arbitrary<SlotRecord> = fc
  .record({
    state: fc.constantFrom("down" as const, "run" as const, "finish" as const),
    since: orNull(time),
    want: fc.constantFrom("up" as const, "down" as const, "exit" as const),
    paused: fc.boolean(),
    gotTerm: fc.boolean(),
    once: fc.boolean(),
    pid: orNull(count),
    processGroup: orNull(count),
    startTicks: orNull(count),
    groupAt: orNull(count),
    starts: count,
    lastExit: orNull(lastEnd),
    nextStart: orNull(time),
    ready: orNull(fc.boolean()),
    readySince: orNull(time),
    firstReady: orNull(fc.record({ began: positive, started: orNull(positive), ready: orNull(positive) })),
    readiness: orNull(fc.string()),
    satisfied: orNull(fc.boolean()),
    waitingFor: orNull(fc.array(fc.string())),
    waitingProblem: orNull(fc.string()),
    failures: orNull(count),
    failed: orNull(fc.record({ reason: fc.string(), text: fc.string(), at: time })),
    critical: orNull(fc.boolean()),
    leftBehind: orNull(fc.record({ pid: count, name: fc.string() })),
    memory,
  })
  .map((any) => (any.satisfied === null ? { ...any, ...noServiceDetails } : any));

const state: fc.Arbitrary<StateRecord> = fc.record({
  name: orNull(fc.string()),
  slot,
  system: orNull(fc.string()),
  superviseDirectory: orNull(fc.string()),
  logPipe: orNull(count),
  supervisor: orNull(
    fc.record({
      pid: orNull(count),
      startTicks: orNull(count),
      parent: orNull(fc.string()),
      session: count,
      group: count,
    }),
  ),
  starting: orNull(
    fc.record({ what: fc.constantFrom("run" as const, "finish" as const), at: positive, since: orNull(time), slot }),
  ),
});

test("the whole record is read as it was written", () => {
  fc.assert(
    fc.property(state, (whole) => {
      expect(decodeStateJson(encodeStateJson(whole))).toEqual(whole);
    }),
  );
});

test("of a service and of a log each field has its place in the file", () => {
  const common = {
    state: "run",
    since: "2023-11-14T22:13:20.123456Z",
    want: "up",
    paused: false,
    gotTerm: false,
    once: false,
    pid: 5,
    processGroup: 5,
    startTicks: 77,
    groupAt: null,
    starts: 1,
    lastExit: null,
    nextStart: null,
  } as const;
  const service = {
    ...noServiceDetails,
    ready: true,
    satisfied: true,
    critical: false,
    failures: 0,
    waitingFor: ["db"],
  };
  const known = {
    failures: [],
    delay: null,
    startAt: null,
    soonestAt: null,
    asked: [],
    lastGroup: null,
    placement: null,
    placing: { next: "session", isProven: false },
  } as const;
  const others = { system: "s", superviseDirectory: "1:2", logPipe: 3, supervisor: null, starting: null } as const;
  const encode = (fields: ServiceDetails): string =>
    encodeStateJson({ name: "web", slot: { memory: known, ...fields, ...common }, ...others });
  const slotText = JSON.stringify(common).slice(1, -1);
  const serviceText =
    '"ready":true,"readySince":null,"firstReady":null,"readiness":null,"satisfied":true,"waitingFor":["db"],"waitingProblem":null,' +
    '"failures":0,"failed":null,"critical":false,"leftBehind":null,';
  const end = `"memory":${JSON.stringify(known)},${JSON.stringify(others).slice(1)}\n`;
  expect(encode(service)).toBe(`{"version":1,"name":"web",${slotText},${serviceText}${end}`);
  expect(encode(noServiceDetails)).toBe(`{"version":1,"name":"web",${slotText},${end}`);
});

test("a record with a key that is missing, or has another name, does not compile", () => {
  const whole = fc.sample(slot, 1)[0] ?? expect.unreachable();
  const { startTicks: _startTicks, ...others } = whole;
  // @ts-expect-error startTicks is missing.
  const missing: SlotRecord = others;
  // @ts-expect-error startTicks has another name.
  const renamed: SlotRecord = { ...others, startedTicks: whole.startTicks };
  expect([missing, renamed]).toHaveLength(2);
});

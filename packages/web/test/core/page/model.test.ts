import { array, assert, constantFrom, oneof, property, record, subarray } from "fast-check";
import { describe, expect, test } from "vitest";

import { describeSnapshot } from "@upkeep/client/core/json";
import type { ChangeEvent, DirectoryEntry, StateEvent } from "@upkeep/web/core/api";
import {
  emptyModel,
  type Model,
  mostSamples,
  sample,
  takeBeat,
  takeChange,
  takeState,
  takeUse,
} from "@upkeep/web/core/page/model";
import { snapshotOf } from "@upkeep/web/core/page/snapshot";

import { down, entry, iso, now, off, snapshot, unsupervised } from "./services.ts";

const directories: readonly DirectoryEntry[] = [{ label: null, path: "/sv", error: null }];
const state = (...names: readonly string[]): StateEvent => ({
  version: 1,
  time: iso(0),
  mayControl: true,
  directories,
  services: names.map((name) => entry(snapshot(name))),
});
const change = (names: readonly string[], removed: readonly string[] = []): ChangeEvent => ({
  time: iso(-1),
  services: names.map((name) => entry(snapshot(name, off))),
  removed,
  directories: null,
});
const names = ({ services }: Model): readonly string[] => services.map(({ id }) => id);

describe("a snapshot", () => {
  test.each([
    snapshot("web"),
    snapshot("web", { ...off, paused: true, gotTerm: true }),
    snapshot("web", down, { ready: true, readiness: "check", starts: 4, waitingFor: ["db"], nextStart: iso(-3) }),
    { ...snapshot("web"), log: snapshot("web/log") },
    unsupervised,
  ])("of an object of the schema makes the same object", (one) => {
    expect(describeSnapshot(snapshotOf(entry(one)), now)).toEqual(describeSnapshot(one, now));
  });
});

describe("what the page knows", () => {
  test("is all there is, and then what changes, in the order of the names", () => {
    const first = takeState(emptyModel, state("b", "d"));
    const next = takeChange(first, change(["c", "b"], ["d"]));
    expect(names(next)).toEqual(["b", "c"]);
    expect(next.services[0]?.snapshot.state).toMatchObject({ record: { state: "down" } });
    expect(next.mayControl).toBe(true);
    expect(next.serverMillis).toBe((now + 1) * 1000);
    expect(takeBeat(next, { time: iso(-2) })).toEqual({ ...next, serverMillis: (now + 2) * 1000 });
  });

  test("orders services by their directories first", () => {
    const two = [
      { label: "x", path: "/x", error: null },
      { label: "a", path: "/a", error: null },
    ];
    const first = takeState(emptyModel, { ...state(), directories: two });
    const services = [
      entry(snapshot("1"), { id: "a:1", directory: "/a" }),
      entry(snapshot("2"), { id: "x:2", directory: "/x" }),
    ];
    expect(names(takeChange(first, { ...change([]), services }))).toEqual(["x:2", "a:1"]);
    const all = takeState(first, { ...state(), directories: two, services });
    expect(all.services.map(({ place }) => place)).toEqual(["a", "x"]);
    expect(takeChange(all, { ...change([]), services }).services.map(({ place }) => place)).toEqual(["a", "x"]);
  });

  test("has a curve of each service that has run, which ends with it", () => {
    const used = takeUse(takeState(emptyModel, state("a", "b")), { time: iso(0), uses: [["a", 12.5, 4096, 2]] });
    expect(used.services[0]?.use).toEqual({ percent: 12.5, residentBytes: 4096, processes: 2 });
    const gone = takeUse(sample(used, 1), { time: iso(0), uses: [["a"], ["unknown", 1, 2, 3]] });
    const { services, sampledAt } = sample(gone, 2);
    expect(services.map(({ percents, bytes }) => [percents, bytes])).toEqual([
      [
        [12.5, 0],
        [4096, 0],
      ],
      [[], []],
    ]);
    expect(sampledAt).toEqual([1, 2]);
    const long = Array.from({ length: 2 * mostSamples }).reduce<Model>((model) => sample(model, 3), gone);
    expect(long.services[0]?.percents).toHaveLength(mostSamples);
    expect(takeState(long, state("a")).services[0]?.percents).toHaveLength(mostSamples);
  });

  test("is the same by whichever changes it was reached", () => {
    const some = subarray(["a", "b", "c", "d", "e"]);
    const step = oneof(
      record({ changed: some, removed: some }),
      record({ changed: some, removed: constantFrom<readonly string[]>([]) }),
    );
    assert(
      property(some, array(step, { maxLength: 8 }), (first, steps) => {
        const there = new Set(first);
        let model = takeState(emptyModel, state(...first));
        for (const { changed, removed } of steps) {
          const gone = removed.filter((name) => !changed.includes(name));
          model = takeChange(model, change(changed, gone));
          for (const name of changed) there.add(name);
          for (const name of gone) there.delete(name);
        }
        expect(names(model)).toEqual([...there].toSorted());
      }),
    );
  });
});

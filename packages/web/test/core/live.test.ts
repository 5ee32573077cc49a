import type { Snapshot } from "@upkeep/client/core/json";
import { noDetails } from "@upkeep/supervise/core/state-json";
import type { ServiceEntry } from "@upkeep/web/core/api";
import {
  foundIn,
  type Found,
  listOf,
  type Live,
  type Look,
  newsSince,
  notice,
  nothingYet,
} from "@upkeep/web/core/live";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const at = 1_000_000;

function snapshot(name: string, pid: number): Snapshot {
  const record = {
    since: { seconds: 900, nanoseconds: 0 },
    pid,
    paused: false,
    want: "up",
    gotTerm: false,
    state: pid === 0 ? "down" : "run",
  } as const;
  return { label: name, path: `/s/${name}`, state: { record, details: noDetails }, isNormallyDown: false, log: null };
}

function found(name: string, pid: number, percent: number | null = null): Found {
  const use = percent === null ? null : { percent, residentBytes: 4096, processes: 1 };
  return { id: name, directory: "/s", snapshot: snapshot(name, pid), use, sameEnds: [] };
}

function look(...services: readonly Found[]): Look {
  return { directories: [{ label: null, path: "/s", error: null }], services };
}

/** What the page does with what it is told. */
class Reader {
  seen: number | null = null;
  services = new Map<string, ServiceEntry>();

  catchUp(live: Live): readonly string[] {
    const news = newsSince(live, this.seen, at, false);
    this.seen = live.revision;
    for (const one of news) {
      if (one.kind === "state") this.services = new Map(one.data.services.map((entry) => [entry.id, entry]));
      if (one.kind === "change") {
        for (const id of one.data.removed) this.services.delete(id);
        for (const entry of one.data.services) this.services.set(entry.id, entry);
      }
      if (one.kind !== "use") continue;
      for (const [id, percent = null, residentBytes = 0, processes = 0] of one.data.uses) {
        const entry = this.services.get(id);
        if (entry === undefined) throw new Error(`told of what ${id} uses before it is known`);
        const use = processes === 0 ? null : { percent, residentBytes, processes };
        this.services.set(id, { ...entry, use });
      }
    }
    return news.map(({ kind }) => kind);
  }
}

describe("a reader", () => {
  test("gets all there is first, then nothing, then what is different", () => {
    const reader = new Reader();
    const first = notice(nothingYet, look(found("a", 1), found("b", 2)));
    expect(reader.catchUp(first)).toEqual(["state"]);
    expect(reader.catchUp(first)).toEqual([]);
    const second = notice(first, look(found("a", 1, 5), found("c", 0)));
    expect(reader.catchUp(second)).toEqual(["change", "use"]);
    expect([...reader.services.keys()]).toEqual(["a", "c"]);
    expect(reader.services.get("a")?.use?.percent).toBe(5);
  });

  test("that is slow, or was away, knows in the end what is there, whatever it has missed", () => {
    const service = fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      pid: fc.integer({ min: 0, max: 2 }),
      percent: fc.option(fc.integer({ min: 0, max: 2 })),
    });
    const looks = fc.array(fc.uniqueArray(service, { selector: ({ name }) => name, maxLength: 4 }), { maxLength: 20 });
    fc.assert(
      fc.property(looks, fc.infiniteStream(fc.boolean()), (steps, isReady) => {
        const reader = new Reader();
        let live = nothingYet;
        for (const services of steps) {
          live = notice(live, look(...services.map(({ name, pid, percent }) => found(name, pid, percent))));
          if (isReady.next().value === true) reader.catchUp(live);
        }
        reader.catchUp(live);
        const byId = (one: ServiceEntry, other: ServiceEntry): number => (one.id < other.id ? -1 : 1);
        const expected = listOf(live, at, false).services.toSorted(byId);
        expect([...reader.services.values()].toSorted(byId)).toEqual(expected);
      }),
    );
  });

  test("of another server's past, or from too long ago, gets all there is", () => {
    const live = notice(nothingYet, look(found("a", 1)));
    expect(newsSince(live, 7, at, false).map(({ kind }) => kind)).toEqual(["state"]);
    let later = live;
    for (let count = 0; count < 1200; count++) later = notice(later, look(found(`x${count}`, 1)));
    expect(later.removed.size).toBe(1000);
    expect(newsSince(later, 1, at, false).map(({ kind }) => kind)).toEqual(["state"]);
    expect(newsSince(later, later.revision - 1, at, false).map(({ kind }) => kind)).toEqual(["change"]);
  });
});

test("a look that finds nothing new changes nothing, also when files were read anew", () => {
  const live = notice(nothingYet, look(found("a", 1, 3)));
  const again = notice(live, look(found("a", 1, 3)));
  expect(again.revision).toBe(live.revision);
  expect(foundIn(live).services.map(({ id }) => id)).toEqual(["a"]);
});

test("a directory that cannot be read any more is told of", () => {
  const live = notice(nothingYet, look(found("a", 1)));
  const error = "unable to open directory /s: access denied";
  const next = notice(live, { directories: [{ label: null, path: "/s", error }], services: [] });
  expect(newsSince(next, live.revision, at, true)).toMatchObject([
    { kind: "change", data: { removed: ["a"], directories: [{ error }] } },
  ]);
});

test("an end that is like those before is a change, and its times are those that the page tells of", () => {
  const at3 = { ...found("a", 0), sameEnds: [3, 2, 1] };
  const live = notice(nothingYet, look({ ...found("a", 0), sameEnds: [2, 1] }));
  expect(newsSince(notice(live, look(at3)), live.revision, at, false)).toMatchObject([
    { kind: "change", data: { services: [{ id: "a", sameEnds: [3, 2, 1] }] } },
  ]);
  expect(foundIn(notice(nothingYet, look(at3))).services[0]?.sameEnds).toEqual([3, 2, 1]);
});

test("seconds are those of the moment", () => {
  const live = notice(nothingYet, look(found("a", 1)));
  expect(listOf(live, 905_999, true)).toMatchObject({
    mayControl: true,
    time: "1970-01-01T00:15:05.999Z",
    services: [{ id: "a", seconds: 5, condition: "up", directory: "/s", use: null }],
  });
});

import { errno } from "@upkeep/linux/core/errno";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isServiceName, planScan, type Listed, type Table } from "../../src/core/scan.ts";

const directory = (name: string, identity: string): Listed => ({ kind: "directory", name, identity, place: name });
const failed = (name: string, number: number): Listed => ({ kind: "failed", name, errno: number });
const table = (services: Readonly<Record<string, string>>, failures: Readonly<Record<string, number>> = {}): Table => ({
  services: new Map(Object.entries(services)),
  failed: new Map(Object.entries(failures)),
});

describe("planScan", () => {
  test("a directory that was not there before is started under its name", () => {
    const plan = planScan(table({}), [directory("app", "1:10")]);
    expect(plan.start).toEqual([{ name: "app", identity: "1:10" }]);
    expect(plan.stop).toEqual([]);
  });

  test("a directory that is gone is stopped", () => {
    expect(planScan(table({ "1:10": "app" }), []).stop).toEqual(["1:10"]);
  });

  test("a renamed directory is kept and has its new name", () => {
    const plan = planScan(table({ "1:10": "app" }), [directory("web", "1:10")]);
    expect(plan).toMatchObject({ start: [], stop: [], keep: [{ name: "web", identity: "1:10" }] });
  });

  test("a second link to a directory starts nothing and takes no name away", () => {
    const plan = planScan(table({ "1:10": "web" }), [directory("app", "1:10"), directory("web", "1:10")]);
    expect(plan).toMatchObject({ start: [], stop: [], keep: [{ name: "web", identity: "1:10" }] });
  });

  test("two new links to one directory start it once, by the first name", () => {
    const plan = planScan(table({}), [directory("web", "1:10"), directory("app", "1:10")]);
    expect(plan.start).toEqual([{ name: "app", identity: "1:10" }]);
  });

  test("a link that leads elsewhere stops the old directory and starts the new one", () => {
    const plan = planScan(table({ "1:10": "app" }), [directory("app", "1:11")]);
    expect(plan).toMatchObject({ start: [{ name: "app", identity: "1:11" }], stop: ["1:10"], keep: [] });
  });

  test("a dangling link is told once, and again when the reason changes", () => {
    const dangling = failed("gone", errno.ENOENT);
    const first = planScan(table({}), [dangling]);
    expect(first.warn).toEqual([{ name: "gone", errno: errno.ENOENT }]);
    expect(planScan({ services: new Map(), failed: first.failed }, [dangling]).warn).toEqual([]);
    expect(planScan({ services: new Map(), failed: first.failed }, [failed("gone", errno.ELOOP)]).warn).toHaveLength(1);
  });

  test("a link that dangles, was repaired and dangles again is told again", () => {
    const repaired = planScan(table({}, { gone: errno.ENOENT }), [directory("gone", "1:10")]);
    const again = planScan({ services: new Map([["1:10", "gone"]]), failed: repaired.failed }, [
      failed("gone", errno.ENOENT),
    ]);
    expect(again).toMatchObject({ stop: ["1:10"], warn: [{ name: "gone" }] });
  });

  test.each(["EACCES", "EIO", "ENOMEM", "EMFILE", "ESTALE"] as const)(
    "%s leaves it open whether the service is there, so it is kept",
    (name) => {
      const plan = planScan(table({ "1:10": "app" }), [failed("app", errno[name])]);
      expect(plan).toMatchObject({ stop: [], keep: [{ name: "app", identity: "1:10" }] });
    },
  );

  test.each(["ENOENT", "ENOTDIR", "ELOOP"] as const)("%s leaves no doubt, so the service is stopped", (name) => {
    expect(planScan(table({ "1:10": "app" }), [failed("app", errno[name])]).stop).toEqual(["1:10"]);
  });
});

const identity = fc.integer({ min: 0, max: 12 }).map((number) => `1:${number}`);
const name = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("a", "b", "c", "-", " ", "ü") });
const someListing = fc.uniqueArray(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("directory" as const), name, identity, place: identity }) },
    fc.record({
      kind: fc.constant("failed" as const),
      name,
      errno: fc.constantFrom(errno.ENOENT, errno.EACCES, errno.EIO),
    }),
  ),
  { selector: (entry) => entry.name },
);

/** The table that the next scan starts from. */
function follow(plan: ReturnType<typeof planScan>): Table {
  return {
    services: new Map([...plan.keep, ...plan.start].map((entry) => [entry.identity, entry.name])),
    failed: plan.failed,
  };
}

describe("planScan, for any listings", () => {
  test("every identity is either started, or stopped, or kept, once", () => {
    fc.assert(
      fc.property(someListing, someListing, (before, after) => {
        const previous = follow(planScan(table({}), before));
        const plan = planScan(previous, after);
        const kept = plan.keep.map((entry) => entry.identity);
        const started = plan.start.map((entry) => entry.identity);
        expect(new Set([...kept, ...plan.stop])).toEqual(new Set(previous.services.keys()));
        expect(kept.length + plan.stop.length).toBe(previous.services.size);
        expect(new Set(started).size).toBe(started.length);
        for (const one of started) expect(previous.services.has(one)).toBe(false);
      }),
    );
  });

  test("the order of the listing does not matter", () => {
    const shuffled = someListing.chain((listing) =>
      fc.tuple(fc.constant(listing), fc.shuffledSubarray(listing, { minLength: listing.length })),
    );
    fc.assert(
      fc.property(someListing, shuffled, (before, [listing, other]) => {
        const previous = follow(planScan(table({}), before));
        const one = planScan(previous, listing);
        const two = planScan(previous, other);
        expect(two.start).toEqual(one.start);
        expect(new Set(two.stop)).toEqual(new Set(one.stop));
        expect(follow(two).services).toEqual(follow(one).services);
      }),
    );
  });

  test("the same listing a second time changes nothing and tells nothing", () => {
    fc.assert(
      fc.property(someListing, (listing) => {
        const again = planScan(follow(planScan(table({}), listing)), listing);
        expect(again).toMatchObject({ start: [], stop: [], warn: [] });
      }),
    );
  });

  test("what is kept or started has a name of the listing that leads to it, or is in doubt", () => {
    fc.assert(
      fc.property(someListing, someListing, (before, after) => {
        const plan = planScan(follow(planScan(table({}), before)), after);
        for (const entry of [...plan.keep, ...plan.start]) {
          const found = after.find((one) => one.name === entry.name);
          expect(found?.kind === "failed" || found?.identity === entry.identity).toBe(true);
        }
      }),
    );
  });
});

test("names with a dot in front are no services, all others are", () => {
  expect(["app", "-x", "a b", "ü", "a.b"].every(isServiceName)).toBe(true);
  expect([".", "..", ".hidden", ".runsvdir"].some(isServiceName)).toBe(false);
});

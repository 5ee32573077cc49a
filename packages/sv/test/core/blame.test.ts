import { readFileSync } from "node:fs";

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { blame, type BootFacts, renderBlame } from "@upkeep/sv/core/blame";

const service = (name: string, times: readonly (number | null)[], others: Partial<BootFacts> = {}): BootFacts => {
  const [began = null, started = null, ready = null] = times;
  return { name, state: "ready", needs: [], began, started, ready, ...others };
};

/** Disk, then db, then web; cron beside them; mail has not come up. */
const boot = [
  service("cron", [5010, 5020, 5020], { state: "up" }),
  service("db", [5005, 5092, 6332], { needs: ["disk"] }),
  service("disk", [5000, 5040, 5090], { state: "done" }),
  service("mail", [5000, 5030, null], { state: "not ready" }),
  service("web", [5010, 6335, 11_147], { needs: ["db", "cron", "none"] }),
] as const;
const names = new Set(boot.map(({ name }) => name));

test("who took longest comes first, after those that are not ready, and the chain goes back to who was first", () => {
  const lines = renderBlame(blame(boot, names), { fit: (text) => text, paint: (text, mood) => `${mood} ${text}` });
  expect(lines).toEqual([
    "SERVICE  STATE      WAITED    TOOK  READY AT",
    "plain mail     not ready    30ms       -         -",
    "web      ready      1.325s  4.812s    6.147s",
    "db       ready        87ms  1.240s    1.332s",
    "disk     done         40ms    50ms      90ms",
    "cron     up           10ms     0ms      20ms",
    "",
    "critical chain: @ ready at, + took",
    "bad web @6.147s +4.812s",
    "└ db @1.332s +1.240s",
    "  └ disk @90ms +50ms",
  ]);
});

test("the chain begins with a service that was asked for, and leaves out what came up later than who needs it", () => {
  expect(blame(boot, new Set(["db", "disk"])).chain).toEqual(["db", "disk"]);
  const again = boot.map((one) => (one.name === "db" ? { ...one, ready: 9000 } : one));
  expect(blame(again, new Set(["web"])).chain).toEqual(["web", "cron"]);
});

test("of runit's runsv starts are known, of services that are not supervised nothing", () => {
  const stock = [
    service("a", [null, 2000, null], { state: "up" }),
    service("b", [null, 1000, null], { state: "up" }),
    service("c", [], { state: "unknown" }),
  ];
  const { services, chain } = blame(stock, new Set(["a", "b", "c"]));
  expect(services.map(({ startedMillis, tookMillis }) => [startedMillis, tookMillis])).toEqual([
    [1000, null],
    [0, null],
    [null, null],
  ]);
  expect(chain).toEqual(["a"]);
  expect(blame([], new Set())).toEqual({ version: 1, services: [], chain: [] });
});

test("circles end the chain, whatever the times are", () => {
  const time = fc.option(fc.nat(50), { nil: null });
  const any = fc.array(fc.tuple(time, time, time, fc.array(fc.nat(5).map(String))), { maxLength: 6 });
  fc.assert(
    fc.property(any, (found) => {
      const facts = found.map(([began, started, ready, needs], index) =>
        service(String(index), [began, started, ready], { needs }),
      );
      const { chain, services } = blame(facts, new Set(facts.map(({ name }) => name)));
      expect(new Set(chain).size).toBe(chain.length);
      expect(services.length).toBe(facts.length);
    }),
  );
});

test("the published schema has the fields that are printed", () => {
  const text = readFileSync(`${import.meta.dirname}/../../../../docs/schema/sv-blame.json`, "utf8");
  interface Schema {
    readonly properties: Readonly<Record<string, { readonly items?: Schema }>>;
  }
  const { properties } = JSON.parse(text) as Schema;
  const shown = blame(boot, names);
  const keys = (value: object): readonly string[] => Object.keys(value).toSorted();
  expect(keys(properties)).toEqual(keys(shown));
  expect(keys(properties["services"]?.items?.properties ?? {})).toEqual(keys(shown.services[0] ?? {}));
});

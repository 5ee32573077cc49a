import * as fc from "fast-check";
import { expect, test } from "vitest";

import { Chance } from "../../e2e/rig/core/chance.ts";
import { fairMillis } from "../../e2e/rig/storm/fair-clock.ts";
import { faultsOfLog } from "../../e2e/rig/storm/lines.ts";
import {
  type Act,
  type Burst,
  disturbedLogs,
  type Kind,
  type Model,
  initialModel,
  planBurst,
} from "../../e2e/rig/storm/plan.ts";

const numbersOf = (seed: number): Chance => new Chance({ note: () => {} }, seed);

const kinds: readonly Kind[] = [true, false].map((hasRunsv) => ({ hasRunsv, services: 10, acts: 40 }));

/** Calls `check` with each burst of some storms, and the model before it. */
function forBursts(check: (burst: Burst, before: Model, kind: Kind) => void): void {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...kinds), (seed, kind) => {
      const numbers = numbersOf(seed);
      let model = initialModel(kind.services);
      for (let bursts = 0; bursts < 20; bursts += 1) {
        const burst = planBurst(model, kind, numbers);
        check(burst, model, kind);
        model = burst.model;
      }
    }),
  );
}

const kills = (act: Act): boolean => "signal" in act && act.signal === "SIGKILL";
const idOf = (act: Act): number | null => ("id" in act ? act.id : null);

test("the same seed makes the same storm", () => {
  const [one, other] = [numbersOf(7), numbersOf(7)];
  for (const kind of kinds) {
    const model = initialModel(kind.services);
    expect(planBurst(model, kind, one)).toEqual(planBurst(model, kind, other));
  }
});

test("a burst kills the supervisor of a service, or disturbs its log, and never both", () => {
  forBursts((burst) => {
    const { acts } = burst;
    const losesScanner = acts.some((act) => act.kind === "signalScanner" && kills(act));
    const disturbed = disturbedLogs(burst);
    const alone = new Set(acts.filter(({ kind }) => kind === "signalRunsv").map(idOf));
    expect(losesScanner ? disturbed : disturbed.filter((id) => alone.has(id))).toEqual([]);
  });
});

test("the log of a service that may leave is ended once at most", () => {
  const leaves = (act: Act): boolean =>
    (act.kind === "command" && act.slot === "service" && act.bytes.includes("x")) ||
    (act.kind === "rename" && act.to.startsWith("."));
  const endsOf = (act: Act): number => {
    if (act.kind === "signal") return act.slot === "log" && act.signal !== "SIGSTOP" ? 1 : 0;
    return act.kind === "command" && act.slot === "log" ? act.bytes.length : 0;
  };
  forBursts(({ acts }) => {
    for (const id of new Set(acts.filter(leaves).map(idOf))) {
      const ends = acts.filter((act) => idOf(act) === id).map(endsOf);
      expect(ends.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1);
    }
  });
});

test("a service that has come back, and has had a command since, does not go again in that burst", () => {
  forBursts(({ acts }) => {
    for (const id of new Set(acts.map(idOf))) {
      const its = acts.filter((act) => idOf(act) === id);
      const names = its.flatMap((act) => (act.kind === "rename" ? [act.to.startsWith(".") ? "." : "n"] : []));
      const text = its
        .map((act) => (act.kind === "command" ? "c" : act.kind === "rename" ? names.shift() : ""))
        .join("");
      expect(text).not.toMatch(/\.n+c[cn]*\./);
    }
  });
});

test("a burst ends with a living scanner, and lets go on what it has stopped", () => {
  forBursts(({ acts }) => {
    const scanner = acts.filter((act) => act.kind === "startScanner" || (act.kind === "signalScanner" && kills(act)));
    expect(scanner.at(-1)?.kind ?? "startScanner").toBe("startScanner");
    const last = acts.findLastIndex((act) => "signal" in act && act.signal === "SIGSTOP");
    expect(acts.findLastIndex(({ kind }) => kind === "continueAll")).toBeGreaterThan(last);
  });
});

test("the model follows the entries, and no two services have one name", () => {
  forBursts(({ acts, model }, before, kind) => {
    const names = new Map([...before.services].map(([id, { name }]) => [id, name]));
    for (const act of acts) {
      if (act.kind === "add") names.set(act.id, act.name);
      if (act.kind !== "rename") continue;
      expect(names.get(act.id)).toBe(act.from);
      names.set(act.id, act.to);
    }
    for (const [id, { name, isHidden }] of model.services)
      expect([names.get(id), name.startsWith(".")]).toEqual([name, isHidden]);
    expect(new Set(names.values()).size).toBe(names.size);
    expect(model.services.size).toBeLessThanOrEqual(kind.services);
    expect(model.services.size).toBeGreaterThanOrEqual(kind.services / 2);
  });
});

test("a service whose want may have changed gets a command that says what it is", () => {
  forBursts(({ commands, model }, before) => {
    const told = new Map(commands.map(({ id, bytes }) => [id, bytes]));
    for (const [id, { want, isHidden }] of model.services) {
      const bytes = told.get(id);
      if (bytes !== undefined) expect([bytes, isHidden]).toEqual([want === "up" ? "uc" : "dc", false]);
      else expect(before.services.get(id)?.want ?? "up").toBe(want);
    }
  });
});

test("in a log, lines that are torn, missing, doubled or swapped are faults, and more lines than announced are none", () => {
  const written = [{ start: "a", count: 2 }];
  expect(faultsOfLog(["a 0", "b 0", "a 1", "a 2"], written)).toEqual([]);
  expect(faultsOfLog(["a 0", "a 0", "a 1"], written)).toEqual(["a: 0 in the place of 1"]);
  expect(faultsOfLog(["a 0", "a 2"], written)).toEqual(["a: 2 in the place of 1"]);
  expect(faultsOfLog(["a 1", "a 0"], written)).toHaveLength(3);
  expect(faultsOfLog(["a 0", "a 1", "a"], written)).toEqual(['torn: "a"']);
  expect(faultsOfLog(["a 0"], [...written, { start: "c", count: 1 }])).toEqual(["a: 1 of 2 lines", "c: 0 of 1 lines"]);
});

test("time counts in full while a processor is idle, and a tenth while none is", () => {
  expect([fairMillis(100, 150), fairMillis(100, 60), fairMillis(100, 0)]).toEqual([100, 60, 10]);
});

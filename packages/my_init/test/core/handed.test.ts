import { expect, test } from "vitest";

import { decodeHanded, encodeHanded, resumedState, underWay } from "../../src/core/handed.ts";
import { initialState } from "../../src/core/state.ts";
import { nextDeadline } from "../../src/core/step.ts";

const facts = {
  budget: { process: null, all: null },
  enableInsecureKey: false,
  skipStartupFiles: false,
  skipRunit: false,
  killAllOnExit: true,
  mainCommand: "sh",
};
const life = { services: 8, main: 9, isMainStarted: true, isCritical: false, code: null, scriptCode: 0 };

test("what is handed over comes through JSON as it was", () => {
  const environment = { variables: new Map([["A", "1"]]), unwritten: new Set(["B"]), present: new Map([["A", "0"]]) };
  const handed = { life, environment, channel: { read: 3, write: 4 }, directory: "/etc/service/.runsvdir" };
  expect(decodeHanded(JSON.parse(JSON.stringify(encodeHanded(handed))))).toEqual(handed);
  const bare = { ...handed, environment: { ...environment, present: null }, channel: null };
  expect(decodeHanded(JSON.parse(JSON.stringify(encodeHanded(bare))))).toEqual(bare);
  expect(decodeHanded(null)).toBeNull();
});

test("a container that runs goes on, and starts runsvdir only where it was about to", () => {
  expect(resumedState(facts, life, 5)).toMatchObject({ ...life, phase: { kind: "running" } });
  expect(nextDeadline(resumedState(facts, life, 5))).toBe(Infinity);
  expect(nextDeadline(resumedState(facts, { ...life, services: 0 }, 5))).toBe(5);
  expect(nextDeadline(resumedState({ ...facts, skipRunit: true }, { ...life, services: 0 }, 5))).toBe(Infinity);
});

test("neither the boot nor a stop is interrupted", () => {
  expect(underWay(resumedState(facts, life, 5))).toBeNull();
  expect(underWay(initialState(facts))).toBe("it is booting");
});

import { expect, test } from "vitest";

import { createTurnEnd, createTurns } from "../../src/host/turns.ts";

test("the first action runs at once, and what else happens comes between each two", async () => {
  const done: string[] = [];
  const inTurn = createTurns();
  for (const name of ["a", "b", "c"]) {
    inTurn(() => {
      done.push(name);
      setImmediate(() => done.push(`after ${name}`));
    });
  }
  expect(done).toEqual(["a"]);
  while (done.length < 6) await new Promise((resolve) => setImmediate(resolve));
  expect(done.filter((one) => one.length === 1)).toEqual(["a", "b", "c"]);
  expect(done.indexOf("after a")).toBeLessThan(done.indexOf("c"));
  inTurn(() => done.push("d"));
  expect(done.at(-1)).toBe("d");
});

test("an action that throws does not keep the others from their turn", async () => {
  const done: string[] = [];
  const inTurn = createTurns();
  const fail = (): void => {
    throw new Error("broken");
  };
  expect(() => inTurn(fail)).toThrow("broken");
  inTurn(() => done.push("b"));
  while (done.length < 1) await new Promise((resolve) => setImmediate(resolve));
});

test("at the end of a turn all actions run, once each, and what comes before them", async () => {
  const done: string[] = [];
  const atTurnEnd = createTurnEnd(() => done.push("before"));
  const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  for (const round of [1, 2]) {
    for (const name of ["a", "b"]) atTurnEnd(() => done.push(`${name}${round}`));
    expect(done).toEqual([]);
    await turn();
    expect(done.splice(0)).toEqual(["before", `a${round}`, `b${round}`]);
  }
  await turn();
  expect(done).toEqual([]);
});

import { setImmediate } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { createLoop, type Loop } from "../../src/loop/loop.ts";

/** A machine whose state lists its events. The event `a!` has an effect, which answers with `a?`. */
function recorder(
  ports: {
    readonly now?: () => number;
    readonly due?: (seen: readonly string[]) => number;
    readonly inTurn?: (action: () => void) => void;
  } = {},
): {
  readonly machine: Loop<readonly string[], string>;
  readonly settled: number[];
} {
  const settled: number[] = [];
  const machine: Loop<readonly string[], string> = createLoop<readonly string[], string, string>([], {
    step: (state, event) => ({ state: [...state, event], effects: event.endsWith("!") ? [event] : [] }),
    nextDeadline: ports.due ?? (() => Infinity),
    now: ports.now ?? (() => 0),
    tick: () => "tick",
    inTurn: ports.inTurn,
    run: (effect, answer) => {
      answer(effect.replace("!", "?"));
      if (effect === "post!") machine.post("posted");
    },
    onSettled: (state) => settled.push(state.length),
  });
  return { machine, settled };
}

describe("createLoop", () => {
  test("no events put off nothing that is due", async () => {
    const { machine, settled } = recorder({ due: (seen) => (seen.includes("tick") ? Infinity : 0) });
    machine.post("a");
    for (let turn = 0; turn < 3; turn++) {
      machine.post();
      await setImmediate();
      machine.post();
    }
    expect([machine.state(), settled]).toEqual([
      ["a", "tick"],
      [1, 2],
    ]);
  });

  test("what is due waits for its turn, and events do not", async () => {
    const turns: (() => void)[] = [];
    const { machine } = recorder({
      due: (seen) => (seen.includes("tick") ? Infinity : 0),
      inTurn: (action) => turns.push(action),
    });
    machine.post("a");
    while (turns.length === 0) await setImmediate();
    machine.post("b");
    expect(machine.state()).toEqual(["a", "b"]);
    turns[0]?.();
    expect(machine.state()).toEqual(["a", "b", "tick"]);
  });

  test("answers come before the events that wait, and those in their order", () => {
    const { machine } = recorder();
    machine.post("a!", "b!", "c");
    expect(machine.state()).toEqual(["a!", "a?", "b!", "b?", "c"]);
  });

  test("what an effect posts comes after all that waits", () => {
    const { machine } = recorder();
    machine.post("post!", "b");
    expect(machine.state()).toEqual(["post!", "post?", "b", "posted"]);
  });

  test("settles once for all that came together", () => {
    const { machine, settled } = recorder();
    machine.post("a", "post!");
    machine.post("b");
    expect(settled).toEqual([4, 5]);
  });

  test("ticks when the deadline is over, as long as there is one", async () => {
    const { machine } = recorder({ due: (seen) => (seen.length < 3 ? 0 : Infinity) });
    machine.tick();
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(machine.state()).toEqual(["tick", "tick", "tick"]);
  });

  test("goes on after a step that throws", () => {
    let isBroken = true;
    const machine = createLoop<number, string, never>(0, {
      step: (state) => {
        if (isBroken) throw new Error("broken");
        return { state: state + 1, effects: [] };
      },
      nextDeadline: () => Infinity,
      now: () => 0,
      tick: () => "tick",
      run: () => {},
    });
    expect(() => machine.post("a", "b")).toThrow("broken");
    isBroken = false;
    machine.post("c");
    expect(machine.state()).toBe(2);
  });
});

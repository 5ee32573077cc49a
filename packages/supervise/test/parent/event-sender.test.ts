import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createEventSender, type SendLine } from "../../src/parent/event-sender.ts";

/** A way with so much room, and a timer that is turned by hand. */
class Way {
  room = 0;
  isBroken = false;
  written = "";
  /** The pauses that were asked for. */
  readonly pauses: number[] = [];
  #action: (() => void) | null = null;

  readonly #send: SendLine = createEventSender({
    write: (bytes) => {
      if (this.isBroken) throw new Error("broken pipe");
      const count = Math.min(this.room, bytes.length);
      this.written += Buffer.from(bytes.subarray(0, count)).toString();
      this.room -= count;
      return count === 0 ? -1 : count;
    },
    later: (action, millis) => {
      expect(this.#action).toBeNull();
      this.#action = action;
      this.pauses.push(millis);
    },
  });

  send(line: string, mustArrive = false): this {
    this.#send(Buffer.from(`${line}\n`), mustArrive);
    return this;
  }

  /** Makes room, and lets the time pass until the next try. */
  pass(room: number): this {
    this.room = room;
    const action = this.#action;
    this.#action = null;
    action?.();
    return this;
  }

  isTimed(): boolean {
    return this.#action !== null;
  }
}

describe("lines to a reader", () => {
  test("are dropped where there is no room, and nobody waits for any", () => {
    const way = new Way().send("ready");
    expect(way.isTimed()).toBe(false);
    way.room = 100;
    expect(way.send("exit").written).toBe("exit\n");
  });

  test("that must arrive are written once there is room, in their order", () => {
    const way = new Way().send("one", true).send("ready").send("two", true);
    expect(way.written).toBe("");
    expect(way.pass(100).written).toBe("one\ntwo\n");
    expect(way.isTimed()).toBe(false);
  });

  test("are tried again less and less often, and at once when there is another", () => {
    const way = new Way().send("one", true);
    for (let tries = 0; tries < 7; tries++) way.pass(0);
    expect(way.pauses).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000]);
    way.room = 100;
    expect(way.send("exit").written).toBe("one\nexit\n");
    expect(way.pass(100).send("ready").written).toBe("one\nexit\nready\n");
  });

  test("of which a part has been taken are ended, whatever they say", () => {
    const way = new Way();
    way.room = 3;
    way.send("ready");
    expect(way.written).toBe("rea");
    expect(way.pass(100).written).toBe("ready\n");
  });

  test("that nobody will read are forgotten", () => {
    const way = new Way().send("one", true);
    way.isBroken = true;
    way.pass(0);
    expect(way.isTimed()).toBe(false);
  });

  test("do not pile up where nobody reads", () => {
    const way = new Way();
    for (let number = 0; number < 1000; number++) way.send(String(number), true);
    const first = Array.from({ length: 16 }, (_, number) => `${number}\n`).join("");
    expect(way.pass(10_000).written).toBe(first);
  });

  test("come whole and in order, whatever room there is; none is missing that must arrive", () => {
    const action = fc.oneof(fc.record({ room: fc.nat(12) }), fc.record({ mustArrive: fc.boolean() }));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 16 }), (actions) => {
        const way = new Way();
        actions.forEach((one, number) => {
          if ("room" in one) way.pass(one.room);
          else way.send(`${number}:${one.mustArrive ? "must" : "may"}`, one.mustArrive);
        });
        way.pass(10_000);
        const numbers = way.written.split("\n").slice(0, -1);
        const sent = actions.flatMap((one, number) =>
          "room" in one ? [] : [`${number}:${one.mustArrive ? "must" : "may"}`],
        );
        expect(sent.filter((line) => numbers.includes(line))).toEqual(numbers);
        expect(numbers.filter((line) => line.endsWith("must"))).toEqual(sent.filter((line) => line.endsWith("must")));
        expect(way.isTimed()).toBe(false);
      }),
    );
  });
});

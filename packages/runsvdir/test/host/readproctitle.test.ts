import { writeSync } from "node:fs";

import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe } from "@upkeep/linux/fd/pipe";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { createWindow, readInTurns, shiftIn } from "../../src/host/readproctitle.ts";

const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);
const bytes = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));

function shifted(window: string, ...chunks: readonly string[]): string {
  const shown = bytes(window);
  for (const chunk of chunks) shiftIn(shown, bytes(chunk));
  return text(shown);
}

describe("shiftIn", () => {
  test("moves the window left by what comes in", () => {
    expect(shifted("......", "ab")).toBe("....ab");
    expect(shifted("......", "ab", "cd", "ef", "g")).toBe("bcdefg");
  });

  test("keeps line ends, which separate messages", () => {
    expect(shifted("......", "a\nb")).toBe("...a\nb");
  });

  test("drops NUL bytes", () => {
    expect(shifted("......", "a\0b\0")).toBe("....ab");
  });

  test("shows the end of what is longer than the window", () => {
    expect(shifted("...", "abcdef")).toBe("def");
  });

  test("shows the same whatever pieces the bytes come in", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.array(fc.string({ maxLength: 9 })), (window, chunks) => {
        const latin = (value: string): string => value.replaceAll(/[^\0-\xff]/g, "?");
        const all = chunks.map(latin);
        expect(shifted(latin(window), ...all)).toBe(shifted(latin(window), all.join("")));
      }),
    );
  });
});

/** Actions that are due later. */
function createTimers(): { readonly later: (action: () => void) => void; readonly run: () => void } {
  let due: (() => void)[] = [];
  return {
    later: (action) => void due.push(action),
    run: () => {
      const now = due;
      due = [];
      for (const action of now) action();
    },
  };
}

describe("the window", () => {
  test("is shown at once, and then no more often than the timer allows, whatever comes", () => {
    const timers = createTimers();
    const shown: string[] = [];
    const push = createWindow(Buffer.from("log: ......"), (window) => shown.push(text(window)), timers.later);
    push(bytes("a"));
    expect(shown).toEqual(["log: .....a"]);
    for (let left = 1000; left > 0; left--) push(bytes("bc"));
    expect(shown).toHaveLength(1);
    timers.run();
    expect(shown.slice(1)).toEqual(["log: bcbcbc"]);
    timers.run();
    expect(shown).toHaveLength(2);
    push(bytes("d"));
    expect(shown.slice(2)).toEqual(["log: cbcbcd"]);
  });
});

describe("the pipe", () => {
  test("is read in large pieces, with a pause after each", async () => {
    const { read, write } = createPipe();
    setNonBlocking(read, true);
    const timers = createTimers();
    const pieces: number[] = [];
    let next = Promise.withResolvers<void>();
    const push = ({ length }: Uint8Array): void => {
      pieces.push(length);
      // It is full again at once, as if somebody wrote without end.
      writeSync(write, Buffer.alloc(65_536, "x"));
      next.resolve();
    };
    writeSync(write, Buffer.alloc(65_536, "x"));
    const reader = readInTurns(read, push, timers.later);
    for (const count of [1, 2]) {
      await next.promise;
      // Whatever is due has had its turn.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      expect(pieces).toHaveLength(count);
      next = Promise.withResolvers();
      timers.run();
    }
    await next.promise;
    reader.take();
    expect(pieces).toEqual([65_536, 65_536, 65_536, 65_536]);
  });
});

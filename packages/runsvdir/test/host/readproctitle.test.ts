import { writeSync } from "node:fs";

import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe } from "@upkeep/linux/fd/pipe";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { drain, shiftIn } from "../../src/host/readproctitle.ts";

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

test("drain is not held up by services that write without end", () => {
  const { read, write } = createPipe();
  setNonBlocking(read, true);
  let taken = "";
  writeSync(write, "first");
  drain(read, (part) => {
    taken += text(part);
    if (taken.length < 1000) writeSync(write, "more");
  });
  expect(taken).toBe("first");
});

import { createLineAssembler, type LineAssembler } from "@upkeep/log-prefix/lines/line-assembler";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const prefix = Buffer.from("web | ");

/** Gives an assembler bytes, as many at a time as there is space for. */
function push(lines: LineAssembler, bytes: Uint8Array): string {
  let output = "";
  for (let at = 0; at < bytes.length;) {
    const space = lines.space();
    const count = Math.min(space.length, bytes.length - at);
    space.set(bytes.subarray(at, at + count));
    output += Buffer.from(lines.received(count)).toString("latin1");
    at += count;
  }
  return output;
}

function newAssembler(longest: number, chunk = 16): LineAssembler {
  const lines = createLineAssembler(chunk, longest);
  lines.setPrefix(prefix);
  return lines;
}

/** All output of these pieces, the last line ended. */
function assemble(pieces: readonly Uint8Array[], longest: number): Buffer {
  const lines = newAssembler(longest);
  const output = pieces.map((piece) => push(lines, piece)).join("");
  return Buffer.from(`${output}${Buffer.from(lines.flush(false)).toString("latin1")}`, "latin1");
}

/** What should come out, found in another way. */
function expected(input: Uint8Array, longest: number): string {
  const text = Buffer.from(input).toString("latin1");
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text === "" ? [] : text.split("\n");
  const parts = lines.flatMap((line) => line.match(new RegExp(`.{1,${longest}}`, "gs")) ?? [""]);
  return parts.map((line) => `web | ${line}\n`).join("");
}

/** Pieces of ASCII, with many newlines. */
const pieces = fc.array(fc.uint8Array({ max: 12, maxLength: 40 }), { maxLength: 12 });

describe("lines behind a prefix", () => {
  test("are the same wherever reads end, and long ones are cut", () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 30 }), (split, longest) => {
        expect(assemble(split, longest).toString("latin1")).toBe(expected(Buffer.concat(split), longest));
      }),
    );
  });

  test("hold every byte of the input, whatever it is", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (split) => {
        const input = Buffer.concat(split).toString("latin1");
        const output = assemble(split, 7).toString("latin1");
        const lines = output.split("\n").slice(0, -1);
        expect(lines.every((line) => line.startsWith("web | ") && line.length <= 13)).toBe(true);
        const bare = lines.map((line) => line.slice(6)).join("");
        expect(bare).toBe(input.replaceAll("\n", ""));
      }),
    );
  });

  test("are not cut within a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "é", "€", "😀") }), (text) => {
        const lines = assemble([Buffer.from(text)], 5)
          .toString("utf8")
          .split("\n")
          .slice(0, -1);
        expect(lines.map((line) => line.slice(6)).join("")).toBe(text);
        expect(lines.every((line) => Buffer.byteLength(line) <= 11)).toBe(true);
      }),
    );
  });
});

describe("a line without its end", () => {
  const flush = (lines: LineAssembler, mayContinue: boolean): string =>
    Buffer.from(lines.flush(mayContinue)).toString();
  const put = (lines: LineAssembler, text: string): string => push(lines, Buffer.from(text));

  test("is shown when asked for, and its newline is not another line", () => {
    const lines = newAssembler(100);
    expect(put(lines, "a\nprompt: ")).toBe("web | a\n");
    expect(lines.isMidLine()).toBe(true);
    expect(flush(lines, true)).toBe("web | prompt: \n");
    expect([lines.isMidLine(), flush(lines, true)]).toEqual([false, ""]);
    expect(put(lines, "\nb\n")).toBe("web | b\n");
    expect(put(lines, "\nc\n")).toBe("web | \nweb | c\n");
  });

  test("that has ended for good does not take the newline of the next one", () => {
    const lines = newAssembler(100);
    put(lines, "last words");
    expect(flush(lines, false)).toBe("web | last words\n");
    expect(put(lines, "\n")).toBe("web | \n");
    put(lines, "prompt: ");
    flush(lines, true);
    flush(lines, false);
    expect(put(lines, "\n")).toBe("web | \n");
  });

  test("gets the prefix of its end", () => {
    const lines = newAssembler(100);
    put(lines, "a");
    lines.setPrefix(Buffer.from("db: "));
    expect(put(lines, "b\n")).toBe("db: ab\n");
  });
});

import { createLineAssembler } from "@upkeep/runsv/log-lines";
import { coloured, prefixOf } from "@upkeep/runsv/log-prefix";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const prefix = Buffer.from("web | ");

/** All output of these pieces, the last line ended. */
function assemble(pieces: readonly Uint8Array[], longest: number): Buffer {
  const lines = createLineAssembler(prefix, longest);
  const output = pieces.map((piece) => {
    // A buffer that is used again, as that of a reader is.
    const bytes = Uint8Array.from(piece);
    const found = Buffer.from(lines.push(bytes));
    bytes.fill(0xff);
    return found;
  });
  return Buffer.concat([...output, lines.flush(false)]);
}

/** What should come of an input, said in another way. */
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
  test("is shown when asked for, and its newline is not another line", () => {
    const lines = createLineAssembler(prefix, 100);
    expect(lines.push(Buffer.from("a\nprompt: ")).toString()).toBe("web | a\n");
    expect(lines.isMidLine()).toBe(true);
    expect(lines.flush(true).toString()).toBe("web | prompt: \n");
    expect([lines.isMidLine(), lines.flush(true).length]).toEqual([false, 0]);
    expect(lines.push(Buffer.from("\nb\n")).toString()).toBe("web | b\n");
    expect(lines.push(Buffer.from("\nc\n")).toString()).toBe("web | \nweb | c\n");
  });

  test("that has ended for good does not take the newline of the next one", () => {
    const lines = createLineAssembler(prefix, 100);
    lines.push(Buffer.from("last words"));
    expect(lines.flush(false).toString()).toBe("web | last words\n");
    expect(lines.push(Buffer.from("\n")).toString()).toBe("web | \n");
    lines.push(Buffer.from("prompt: "));
    lines.flush(true);
    lines.flush(false);
    expect(lines.push(Buffer.from("\n")).toString()).toBe("web | \n");
  });

  test("gets the prefix of its end", () => {
    const lines = createLineAssembler(prefix, 100);
    lines.push(Buffer.from("a"));
    lines.setPrefix(Buffer.from("db: "));
    expect(lines.push(Buffer.from("b\n")).toString()).toBe("db: ab\n");
  });
});

describe("a prefix", () => {
  test.each([
    ["", "web | "],
    [" \n", "web | "],
    ["db: \n", "db: "],
    ["  [db] ", "  [db] "],
    ["one\ntwo\n", "one"],
    ["x".repeat(300), "x".repeat(200)],
  ])("%j is %j", (text, found) => {
    expect(prefixOf(text, "web")).toBe(found);
  });

  test("has the same colour for the same service", () => {
    expect(coloured("web | ", "web").replaceAll("\x1b", "ESC")).toMatch(/^ESC\[3[1-6]mweb \| ESC\[0m$/);
    expect(coloured("web | ", "web")).toBe(coloured("web | ", "web"));
    const colours = new Set(["a", "b", "c", "d", "e", "f"].map((name) => coloured("", name)));
    expect(colours.size).toBeGreaterThan(1);
  });
});

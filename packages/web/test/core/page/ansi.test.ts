import { array, assert, constantFrom, integer, oneof, property, string, tuple } from "fast-check";
import { expect, test } from "vitest";

import { markPieces, type Piece, piecesOf, textOf } from "@upkeep/web/core/page/ansi";

const plain = (text: string): Piece => ({ text, classes: [] });

test("a line without escape sequences is one piece, and an empty one none", () => {
  expect(piecesOf("GET /index.html 200")).toEqual([plain("GET /index.html 200")]);
  expect(piecesOf("")).toEqual([]);
});

test("colours and looks of a terminal become classes", () => {
  expect(piecesOf("\x1b[31mred\x1b[0m plain \x1b[1;92mbold\x1b[m")).toEqual([
    { text: "red", classes: ["fg-1"] },
    plain(" plain "),
    { text: "bold", classes: ["fg-10", "ansi-bold"] },
  ]);
  expect(piecesOf("\x1b[38;5;208;48;5;17mx")).toEqual([{ text: "x", classes: ["fg-208", "bg-17"] }]);
  expect(piecesOf("\x1b[38;2;255;0;0mx")).toEqual([{ text: "x", classes: ["fg-196"] }]);
  expect(piecesOf("\x1b[7mx")).toEqual([{ text: "x", classes: ["fg-ground", "bg-text"] }]);
  expect(piecesOf("\x1b[7;33mx")).toEqual([{ text: "x", classes: ["fg-ground", "bg-3"] }]);
});

test("what would move a cursor, set a title or open a link is gone, and control characters are shown", () => {
  expect(textOf("a\x1b[2Jb\x1b[3;4Hc\x1b]0;title\x07d\x1b]8;;http://x\x1b\\e\x1bcf")).toBe("abcdef");
  expect(textOf("a\x07b\rc\td")).toBe("a\\x07b\\x0dc\td");
  expect(textOf("<script>alert(1)</script>&amp;")).toBe("<script>alert(1)</script>&amp;");
  expect(textOf("\x1b[1m<b>&amp;\x1b[0m")).toBe("<b>&amp;");
});

const escapes = constantFrom(
  "\x1b[31m",
  "\x1b[0m",
  "\x1b[1;7m",
  "\x1b[38;5;99m",
  "\x1b[48;2;1;2;3m",
  "\x1b[K",
  "\x1b]0;t\x07",
);
const bits = oneof(escapes, string({ maxLength: 6 }), constantFrom("\x1b", "\x9b", "<", "\n"));

test("whatever a line holds, no control character is left but a tab, and every class is one of the style sheet", () => {
  assert(
    property(array(bits, { maxLength: 12 }), (parts) => {
      const pieces = piecesOf(parts.join(""));
      // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
      expect(pieces.map(({ text }) => text).join("")).not.toMatch(/[\0-\x08\n-\x1f\x7f-\x9f]/);
      for (const name of pieces.flatMap(({ classes }) => classes)) {
        expect(name).toMatch(
          /^(?:[fb]g-(?:\d{1,3}|text|ground)|ansi-(?:bold|dim|italic|underline|blink|hidden|strikethrough))$/,
        );
      }
    }),
  );
});

test("places stand out without a change of the text", () => {
  const pieces = [plain("one two"), { text: " three", classes: ["fg-1"] }];
  expect(markPieces(pieces, [[4, 10]])).toEqual([
    plain("one "),
    { text: "two", classes: ["hit"] },
    { text: " th", classes: ["fg-1", "hit"] },
    { text: "ree", classes: ["fg-1"] },
  ]);
  const words = array(string({ minLength: 1, maxLength: 5 }), { maxLength: 5 });
  assert(
    property(words, tuple(integer({ min: 0, max: 12 }), integer({ min: 1, max: 8 })), (texts, [from, length]) => {
      const marked = markPieces(texts.map(plain), [[from, from + length]]);
      const whole = texts.join("");
      expect(marked.map(({ text }) => text).join("")).toBe(whole);
      const hits = marked.filter(({ classes }) => classes.includes("hit")).map(({ text }) => text);
      expect(hits.join("")).toBe(whole.slice(from, from + length));
    }),
  );
});

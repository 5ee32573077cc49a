import { renderHelp, wrapUsage } from "@upkeep/program/core/help";
import * as fc from "fast-check";
import { expect, test } from "vitest";

test("options are aligned, and their texts wrapped within 80 columns", () => {
  const describe = "a text that is longer than what fits beside the option, and so goes on in the next line";
  const options = [
    { words: "-w sec", describe },
    { words: "--an-option-that-is-very-long seconds", describe: "short" },
    { words: "--help", describe: "show this help" },
  ];
  expect(renderHelp("usage: x [-w sec]\n\nDoes it.", options, "x(8)")).toBe(`usage: x [-w sec]

Does it.

Options:
  -w sec  a text that is longer than what fits beside the option, and so goes on
          in the next line
  --an-option-that-is-very-long seconds
          short
  --help  show this help

See x(8).
`);
});

test("a long first line that is no usage stays as it is", () => {
  const text = `${"a name or a text of another kind ".repeat(4)}\n\nmore`;
  expect(wrapUsage(text)).toBe(text);
});

test("a long usage is wrapped behind the name, and not within brackets", () => {
  expect(wrapUsage("usage: x [-w sec] y\n\nmore")).toBe("usage: x [-w sec] y\n\nmore");
  const parts = fc.constantFrom("[-u user[:group]]", "[-vVP012]", "[ -nNxX ]", "prog", "[-l|-L lock]");
  fc.assert(
    fc.property(fc.array(parts, { minLength: 8, maxLength: 30 }), (words) => {
      const lines = wrapUsage(`usage: x ${words.join(" ")}`).split("\n");
      expect(lines.map((line) => line.slice("usage: x ".length)).join(" ")).toBe(words.join(" "));
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(80);
        expect(line.split("[").length).toBe(line.split("]").length);
      }
    }),
  );
});

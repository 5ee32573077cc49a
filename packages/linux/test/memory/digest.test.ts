import { expect, test } from "vitest";

import { digestOf } from "../../src/memory/digest.ts";

test("equal texts have equal digests, and others do not", () => {
  const text = "größe 1 ".repeat(100);
  expect(digestOf(`${text}a`)).toBe(digestOf([text, "a"].join("")));
  expect(digestOf(`${text}a`)).not.toBe(digestOf(`${text}b`));
  expect(digestOf("")).not.toBe(digestOf(" "));
});

import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { descriptions } from "../src/options.ts";

test("the manual has every option", () => {
  const manual = readFileSync(`${import.meta.dirname}/../../../man/devlog.8`, "utf8").replaceAll("\\", "");
  for (const option of Object.keys(descriptions))
    expect(manual).toMatch(new RegExp(`^\\.BI? -${option}(?: " fd")?$`, "m"));
});

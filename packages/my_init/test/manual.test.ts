import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { descriptions } from "../src/cli/options.ts";

test("the manual has every option", () => {
  const manual = readFileSync(`${import.meta.dirname}/../../../man/my_init.8`, "utf8").replaceAll("\\", "");
  for (const option of Object.keys(descriptions)) expect(manual).toContain(`.B --${option}\n`);
});

import { fixupSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import { expect, test } from "vitest";

import { readBunLicence, renderLicences } from "../../scripts/build/licences.ts";
import { libraryTable } from "../../scripts/release/bill.ts";

test("the text of every licence that Bun's page names goes with the commands", async () => {
  const text = await renderLicences([]);
  const identifiers = libraryTable(await readBunLicence()).flatMap(({ licence }) => fixupSpdxId(licence) ?? []);
  expect(identifiers.length).toBeGreaterThan(10);
  for (const id of identifiers) expect(text).toContain(`(${id})\n`);
  // The engine's licence stands in a sentence, that of tinycc in words.
  expect(text).toContain("\nGNU LIBRARY GENERAL PUBLIC LICENSE\n");
  expect(text).toContain("\nGNU LESSER GENERAL PUBLIC LICENSE\n");
});

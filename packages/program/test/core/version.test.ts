import { readFileSync } from "node:fs";

import { version } from "@upkeep/program/core/version";
import { expect, test } from "vitest";

test("the version is the one of package.json", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  expect(version).toBe(manifest.version);
});

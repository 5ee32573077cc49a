import { globSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { openApi } from "../../packages/web/src/core/openapi.ts";
import { schemas } from "../../packages/web/src/core/schemas.ts";

test("docs/schema is what npm run schemas writes", () => {
  const published = Object.entries<object>({ ...schemas, openapi: openApi });
  const files = globSync("docs/schema/*.json").map((path) => path.replace(/.*\/(.*)\.json$/, "$1"));
  expect(files.toSorted()).toEqual(published.map(([name]) => name).toSorted());
  for (const [name, schema] of published) {
    const written = JSON.parse(readFileSync(`docs/schema/${name}.json`, "utf8")) as object;
    expect([name, written]).toEqual([name, JSON.parse(JSON.stringify(schema))]);
  }
});

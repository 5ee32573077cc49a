import { globSync, readFileSync } from "node:fs";

import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";

import { apiPrefix } from "../../packages/web/src/core/api.ts";
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

test("the description is OpenAPI 3.1, and each schema is JSON Schema 2020-12", async () => {
  const copyOf = (data: object): Record<string, unknown> => JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
  const check = async (description: object): Promise<unknown> => {
    const validator = new Validator();
    for (const [name, schema] of Object.entries<object>(schemas))
      await validator.addSpecRef(copyOf(schema), `${apiPrefix}/schema/${name}.json`);
    return await validator.validate(copyOf(description));
  };
  expect(await check(openApi)).toEqual({ valid: true });
  expect(await check({ ...openApi, info: { title: "without a version" } })).toMatchObject({ valid: false });
  const ajv = new Ajv2020({ strict: false });
  for (const [name, schema] of Object.entries<object>(schemas)) {
    expect([name, ajv.validateSchema(schema), ajv.errorsText()]).toEqual([name, true, "No errors"]);
  }
  expect(ajv.validateSchema({ type: "nothing" })).toBe(false);
});

import { writeFileSync } from "node:fs";

import { openApi } from "../packages/web/src/core/openapi.ts";
import { schemas } from "../packages/web/src/core/schemas.ts";

// Writes docs/schema, of which the code is the source: npm run schemas

for (const [name, schema] of Object.entries<object>({ ...schemas, openapi: openApi })) {
  writeFileSync(`docs/schema/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
}

import type { Exchange } from "../handler.ts";
import { respondError, respondJson } from "../respond.ts";

/** Sends the description of the interface in OpenAPI. */
export async function sendOpenApi({ response }: Exchange): Promise<void> {
  const { openApi } = await import("../../core/openapi.ts");
  respondJson(response, 200, openApi);
}

/** Sends a schema. */
export async function sendSchema({ response }: Exchange, name: string): Promise<void> {
  const { schemas } = await import("../../core/schemas.ts");
  const found = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (found === undefined) respondError(response, "not-found", "there is no such schema");
  else respondJson(response, 200, found, { "Content-Type": "application/schema+json" });
}

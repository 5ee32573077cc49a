import { version } from "@upkeep/program/core/version";

import { familiesOf } from "../../core/families.ts";
import { foundIn } from "../../core/live.ts";
import type { Desk, Exchange } from "../handler.ts";
import { respond } from "../respond.ts";

/** Sends what monitoring collects. */
export async function sendMetrics({ events, collector }: Desk, { request, response }: Exchange): Promise<void> {
  const live = events.current();
  const facts = await collector.collect(foundIn(live));
  const families = familiesOf(facts, live.directories, version, Math.floor(Date.now() / 1000));
  const { expose } = await import("../../metrics/exposition.ts");
  const { type, text } = await expose(families, request.headers.accept ?? "");
  respond(response, 200, { "Content-Type": type }, text);
}

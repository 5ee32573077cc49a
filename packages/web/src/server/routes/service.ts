import { describePicture } from "@upkeep/client/core/picture";
import { takePicture } from "@upkeep/client/look/picture";

import type { ServiceDetail } from "../../core/api.ts";
import { entryOf } from "../../core/live.ts";
import { settled } from "../../look/health.ts";
import type { Located } from "../../look/directories.ts";
import type { Desk, Exchange } from "../handler.ts";
import { respondError, respondJson } from "../respond.ts";

/** Sends all that is known of a service. */
export async function sendService(desk: Desk, exchange: Exchange, id: string): Promise<void> {
  const located = find(desk, exchange, id);
  if (located === null) return;
  await settled(located.service);
  const picture = await takePicture(located.service, desk.looking);
  const entry = entryOf(desk.events.current(), id, Date.now());
  if (entry === null) {
    notFound(exchange);
    return;
  }
  const { directory, condition, use, sameEnds } = entry;
  const described = describePicture(picture, Math.floor(Date.now() / 1000));
  const detail: ServiceDetail = { ...described, id, directory, condition, use, sameEnds };
  respondJson(exchange.response, 200, detail);
}

/** The service of an id; null, after an answer that says so, where there is none. */
export function find({ events, directories }: Desk, exchange: Exchange, id: string): Located | null {
  events.current();
  const located = directories.serviceOf(id);
  if (located === null) notFound(exchange);
  return located;
}

function notFound({ response }: Exchange): void {
  respondError(response, "not-found", "no service has this id");
}

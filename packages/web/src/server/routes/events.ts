import { listOf } from "../../core/live.ts";
import type { Desk, Exchange } from "../handler.ts";
import { beginStream, respondError, respondJson } from "../respond.ts";
import { streamOf } from "../stream.ts";

/** So many may follow at the same time. */
const mostReaders = 64;

export function sendServices({ events, rules }: Desk, { response }: Exchange): void {
  respondJson(response, 200, listOf(events.current(), Date.now(), rules.mayControl));
}

export function followEvents({ events }: Desk, { request, response }: Exchange): void {
  if (events.readerCount() >= mostReaders) {
    respondError(response, "too-many", `${mostReaders} follow already`, { "Retry-After": 10 });
    return;
  }
  beginStream(response, "text/event-stream; charset=utf-8");
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const last = request.headers["last-event-id"];
  events.follow(streamOf(response), typeof last === "string" ? last : null);
}

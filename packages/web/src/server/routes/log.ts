import { parseWhen } from "@upkeep/logs/core/when";
import { createSystemZone } from "@upkeep/logs/find/system-zone";

import { type LogQuery, QueryError, readLogQuery } from "../../core/log-query.ts";
import type { Desk, Exchange } from "../handler.ts";
import { sendLog } from "../log-lines.ts";
import { eventSink, textSink } from "../log-sinks.ts";
import { beginStream, respondError } from "../respond.ts";
import { streamOf } from "../stream.ts";
import { find } from "./service.ts";

/** So many logs may be read at the same time: each takes half a megabyte. */
const mostReaders = 32;

const types = {
  events: "text/event-stream; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  text: "text/plain; charset=utf-8",
} as const;

/** Sends the log of a service. */
export async function sendLogOf(desk: Desk, exchange: Exchange, id: string): Promise<void> {
  const { request, response } = exchange;
  const located = find(desk, exchange, id);
  const zone = createSystemZone();
  const query = located === null ? null : readQuery(exchange, (text) => parseWhen(text, Date.now(), zone));
  if (located === null || query === null) return;
  if (desk.logReaders >= mostReaders) {
    respondError(response, "too-many", `${mostReaders} logs are read already`, { "Retry-After": 10 });
    return;
  }
  const name = id.replace(/[^A-Za-z0-9._-]/g, "_");
  const saved = query.format === "text" ? { "Content-Disposition": `attachment; filename="${name}.log"` } : {};
  beginStream(response, types[query.format], saved);
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  desk.logReaders += 1;
  try {
    const stream = streamOf(response);
    const sink = query.format === "events" ? eventSink(stream) : textSink(stream, query.format);
    const isRunning = desk.events.current().services.get(id)?.entry.state === "run";
    await sendLog(located, query, isRunning, zone, sink);
    stream.end();
  } finally {
    desk.logReaders -= 1;
  }
}

/** Null, after an answer that says why, where it makes no sense. */
function readQuery(
  { request: { headers }, response, query }: Exchange,
  parse: (text: string) => number | null,
): LogQuery | null {
  const last = headers["last-event-id"];
  try {
    return readLogQuery(query, headers.accept ?? "", typeof last === "string" ? last : null, parse);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    respondError(response, "bad-request", error.message);
    return null;
  }
}

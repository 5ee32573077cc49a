import type { Finding } from "@upkeep/client/look/health";

import { shownName } from "../../core/shown-name.ts";
import type { Desk, Exchange } from "../handler.ts";
import { respond } from "../respond.ts";
import { find } from "./service.ts";

/** Sends a line for each service and log service as `sv -v health` prints it: 200 when all are fine, else 503. */
export async function sendHealth(desk: Desk, exchange: Exchange, id: string | null): Promise<void> {
  const { events, directories, health } = desk;
  let findings: readonly Finding[];
  let isReadable = true;
  if (id === null) {
    const live = events.current();
    isReadable = live.directories.every(({ error }) => error === null);
    const found = [...live.services.keys()].flatMap((one) => directories.serviceOf(one) ?? []);
    findings = await health.examineAll(found);
  } else {
    const located = find(desk, exchange, id);
    if (located === null) return;
    findings = await health.examine(located);
  }
  const isFine = isReadable && findings.every((one) => one.isFine);
  const unreadable = isReadable ? [] : ["fail: a directory cannot be read"];
  const lines = [...unreadable, ...findings.map(({ line }) => shownName(line))].map((line) => `${line}\n`);
  const headers = { "Content-Type": "text/plain; charset=utf-8" };
  respond(exchange.response, isFine ? 200 : 503, headers, lines.join(""));
}

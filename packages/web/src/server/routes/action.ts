import { probe, send, type Unsupervised, troubleOf } from "@upkeep/client/service/client";

import { commandsOf } from "../../core/actions.ts";
import type { Sent } from "../../core/api.ts";
import type { Desk, Exchange } from "../handler.ts";
import { respondError, respondJson } from "../respond.ts";
import { find } from "./service.ts";

/** Asks the supervisor of a service for something. Events tell what comes of it. */
export function act(desk: Desk, exchange: Exchange, id: string, action: string): void {
  const { response } = exchange;
  const commands = commandsOf(action);
  if (commands === null) {
    respondError(response, "not-found", "there is no such action");
    return;
  }
  const located = find(desk, exchange, id);
  if (located === null) return;
  const found = probe(located.service);
  const refused = found.kind === "supervised" ? send(found.path, commands) : found;
  if (refused !== null) {
    refuse(exchange, refused);
    return;
  }
  const sent: Sent = { version: 1, id, action, commands };
  respondJson(response, 202, sent);
}

function refuse({ response }: Exchange, found: Unsupervised): void {
  const { message } = troubleOf(found);
  respondError(response, found.kind === "unusable" ? "unavailable" : "not-supervised", message);
}

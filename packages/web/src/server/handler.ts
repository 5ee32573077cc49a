import type { IncomingMessage, ServerResponse } from "node:http";

import type { Looking } from "@upkeep/client/look/snapshot";
import { version } from "@upkeep/program/core/version";

import { judge, type Claims, type Rules } from "../core/access.ts";
import type { Session } from "../core/api.ts";
import { bearerIn, cookieIn, cookieName } from "../core/headers.ts";
import { type Route, routeOf } from "../core/route.ts";
import type { Directories } from "../look/directories.ts";
import { sendAsset } from "./asset.ts";
import type { Events } from "./events.ts";
import { respond, respondError, respondJson } from "./respond.ts";
import { act } from "./routes/action.ts";
import { followEvents, sendServices } from "./routes/events.ts";
import { sendHealth } from "./routes/health.ts";
import { sendLogOf } from "./routes/log.ts";
import { sendMetrics } from "./routes/metrics.ts";
import { sendOpenApi, sendSchema } from "./routes/schema.ts";
import { sendService } from "./routes/service.ts";
import type { Token } from "./token.ts";
import type { HealthDesk } from "../look/health.ts";
import type { Collector } from "../metrics/collect.ts";

/** What answers are made of. */
export interface Desk {
  readonly rules: Rules;
  readonly token: Token | null;
  readonly directories: Directories;
  readonly events: Events;
  readonly looking: Looking;
  /** How many read a log now. */
  logReaders: number;
  readonly health: HealthDesk;
  readonly collector: Collector;
}

/** A request that may be answered, with its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Behind the `?`. */
  readonly query: string;
}

/** Answers a request. What throws is a defect of ours. */
export async function handle(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url: target = "" } = request;
  const route = routeOf(method, target, desk.directories.hasLabels);
  if (hasBody(request)) {
    respondError(response, "too-large", "no request has a body here", { Connection: "close" });
    return;
  }
  if (route.kind === "error") {
    const allow = route.allow === undefined ? {} : { Allow: route.allow };
    respondError(response, route.code, route.message, allow);
    return;
  }
  const refusal = judge(route, claimsOf(desk, request), desk.rules);
  if (refusal !== null) {
    const challenge = refusal.code === "unauthorized" ? { "WWW-Authenticate": 'Bearer realm="upkeep web"' } : {};
    respondError(response, refusal.code, refusal.message, challenge);
    return;
  }
  const at = target.indexOf("?");
  await answer(desk, route, { request, response, query: at === -1 ? "" : target.slice(at + 1) });
}

async function answer(desk: Desk, route: Route, exchange: Exchange): Promise<void> {
  const { response } = exchange;
  switch (route.kind) {
    case "page":
      return await sendAsset(exchange, route.path);
    case "session":
      return respondJson(response, 200, sessionOf(desk, exchange.request));
    case "sign-in":
      return respond(response, 204, { "Set-Cookie": cookieOf(desk, exchange.request, desk.token?.cookie ?? "") });
    case "sign-out":
      return respond(response, 204, { "Set-Cookie": `${cookieOf(desk, exchange.request, "")}; Max-Age=0` });
    case "services":
      return sendServices(desk, exchange);
    case "events":
      return followEvents(desk, exchange);
    case "service":
      return await sendService(desk, exchange, route.id);
    case "log":
      return await sendLogOf(desk, exchange, route.id);
    case "action":
      return act(desk, exchange, route.id, route.action);
    case "health":
      return await sendHealth(desk, exchange, route.id);
    case "metrics":
      return await sendMetrics(desk, exchange);
    case "openapi":
      return await sendOpenApi(exchange);
    case "schema":
      return await sendSchema(exchange, route.name);
    default:
      return route satisfies never;
  }
}

/** Nothing here needs one, so nobody can fill the memory with one. */
function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

function claimsOf({ token, rules }: Desk, request: IncomingMessage): Claims {
  const { headers, method = "" } = request;
  const bearer = bearerIn(headers.authorization ?? "");
  const cookie = cookieIn(headers.cookie ?? "", cookieName(portOf(rules)));
  const hasToken =
    token === null || (bearer !== null && token.isToken(bearer)) || (cookie !== null && token.isCookie(cookie));
  return {
    method,
    hosts: request.headersDistinct["host"] ?? [],
    origin: headers.origin ?? null,
    fetchSite: textOf(headers["sec-fetch-site"]),
    hasControlHeader: headers["upkeep-control"] !== undefined,
    hasToken,
  };
}

function textOf(header: string | readonly string[] | undefined): string | null {
  return typeof header === "string" ? header : null;
}

function sessionOf(desk: Desk, request: IncomingMessage): Session {
  const { needsToken, mayControl } = desk.rules;
  const { hasToken } = claimsOf(desk, request);
  return { version: 1, software: version, needsToken, isSignedIn: hasToken, mayControl };
}

function portOf({ listening }: Rules): string {
  return listening.kind === "tcp" ? String(listening.port) : "";
}

/** No script can read it, and no other site can have it sent. Behind a proxy with TLS it is sent by TLS only. */
function cookieOf({ rules }: Desk, { headers }: IncomingMessage, value: string): string {
  const secure = headers["x-forwarded-proto"] === "https" ? "; Secure" : "";
  return `${cookieName(portOf(rules))}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}`;
}

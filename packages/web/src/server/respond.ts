import type { ServerResponse } from "node:http";

import { harmlessJson } from "@upkeep/program/core/one-line";

import { type ErrorBody, type ErrorCode, errorStatus } from "../core/api.ts";
import { safetyHeaders } from "../core/headers.ts";

type Headers = Readonly<Record<string, string | number>>;

/** Sends a whole answer. */
export function respond(
  response: ServerResponse,
  status: number,
  headers: Headers,
  body: string | Uint8Array = "",
): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const length = status === 204 || status === 304 ? {} : { "Content-Length": bytes.length };
  response.writeHead(status, { ...safetyHeaders, "Cache-Control": "no-store", ...length, ...headers });
  response.end(response.req.method === "HEAD" || bytes.length === 0 ? undefined : bytes);
}

/** Sends an object. Text of others in it cannot command a terminal. */
export function respondJson(response: ServerResponse, status: number, object: unknown, headers: Headers = {}): void {
  const text = `${harmlessJson(JSON.stringify(object))}\n`;
  respond(response, status, { "Content-Type": "application/json; charset=utf-8", ...headers }, text);
}

/** Sends an error. */
export function respondError(response: ServerResponse, code: ErrorCode, message: string, headers: Headers = {}): void {
  const body: ErrorBody = { error: { code, message } };
  respondJson(response, errorStatus[code], body, headers);
}

/** Sends the head of an answer that goes on. */
export function beginStream(response: ServerResponse, type: string, headers: Headers = {}): void {
  response.writeHead(200, {
    ...safetyHeaders,
    "Cache-Control": "no-store",
    "Content-Type": type,
    // Proxies would collect the first lines until they have enough.
    "X-Accel-Buffering": "no",
    ...headers,
  });
  response.flushHeaders();
}

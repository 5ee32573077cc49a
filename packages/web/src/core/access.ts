import type { ErrorCode } from "./api.ts";
import { isIpv4, isLoopback, type Listening } from "./address.ts";
import type { Route } from "./route.ts";

/** What decides who may ask. */
export interface Rules {
  readonly listening: Listening;
  /** Further names by which it may be called, as behind a proxy: lower case, without a port. */
  readonly hosts: readonly string[];
  readonly needsToken: boolean;
  readonly mayControl: boolean;
}

/** What a request says of who asks. Null where it says nothing. */
export interface Claims {
  readonly method: string;
  /** All values of a header that should come once. */
  readonly hosts: readonly string[];
  readonly origin: string | null;
  /** `Sec-Fetch-Site`. */
  readonly fetchSite: string | null;
  readonly hasControlHeader: boolean;
  /** Whether it has the token, in a header or as a cookie. */
  readonly hasToken: boolean;
}

/** Why a request is refused. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Whether a request may be answered. Null: it may. */
export function judge(route: Route, claims: Claims, rules: Rules): Refusal | null {
  const [host, ...others] = claims.hosts;
  if (host === undefined || others.length > 0) return { code: "bad-request", message: "one Host header is needed" };
  // Another site can have its own name lead to this address (DNS rebinding), and then read what we answer.
  if (!isOurName(host, rules)) return { code: "misdirected", message: "this server does not go by this name: --host" };
  // The page itself may be the target of a link anywhere.
  if (route.kind !== "page" && isForeign(host, claims)) return { code: "forbidden", message: "another site asks" };
  const isChange = claims.method !== "GET" && claims.method !== "HEAD";
  // A form of another site cannot add a header; a script of one would have to ask first, which nobody answers.
  if (isChange && !claims.hasControlHeader)
    return { code: "forbidden", message: "the header upkeep-control is missing" };
  if (rules.needsToken && !claims.hasToken && !isOpen(route))
    return { code: "unauthorized", message: "a token is needed" };
  if (route.kind === "action" && !rules.mayControl)
    return { code: "forbidden", message: "actions are not allowed: --allow-control" };
  return null;
}

/** The page holds no secret, and is where one enters the token. */
function isOpen({ kind }: Route): boolean {
  return kind === "page" || kind === "session" || kind === "sign-out";
}

/** Whether a Host header names this server. */
function isOurName(header: string, { listening, hosts }: Rules): boolean {
  const name = nameIn(header);
  if (name === null) return false;
  if (name === "localhost" || hosts.includes(name)) return true;
  // No name leads to an address by its digits.
  const isAddress = isIpv4(name) || name.includes(":");
  return isAddress && (isLoopback(name) || (listening.kind === "tcp" && !isLoopback(listening.address)));
}

/** The name or address in a Host header, lower case, without port and brackets; null where it is none. */
function nameIn(header: string): string | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?$/.exec(header);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? null : name.toLowerCase();
}

/** A browser says from where it was sent. Programs say nothing. */
function isForeign(host: string, { origin, fetchSite }: Claims): boolean {
  if (fetchSite !== null && fetchSite !== "same-origin" && fetchSite !== "none") return true;
  if (origin === null) return false;
  const match = /^https?:\/\/([^/]+)$/.exec(origin);
  return match?.[1]?.toLowerCase() !== host.toLowerCase();
}

/** Why the server must not start so; null: it may. */
export function whyNotStart(listening: Listening, token: "file" | "made" | "none"): string | null {
  if (listening.kind === "socket" || token === "file") return null;
  if (!isLoopback(listening.address))
    return `other machines can reach ${listening.address}, so a token is needed: --token-file`;
  return token === "made" ? null : "every user of this machine can reach it, so a token is needed: --token-file";
}

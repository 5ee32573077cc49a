import type { ErrorCode } from "./api.ts";
import { idOfSegment } from "./identity.ts";

/** What a request asks for. */
export type Route =
  | { readonly kind: "page"; readonly path: string }
  | { readonly kind: "session" | "sign-in" | "sign-out" }
  | { readonly kind: "services" | "events" | "openapi" | "metrics" }
  | { readonly kind: "service" | "log"; readonly id: string }
  | { readonly kind: "action"; readonly id: string; readonly action: string }
  | { readonly kind: "schema"; readonly name: string }
  /** Null: of all services. */
  | { readonly kind: "health"; readonly id: string | null };

/** Why there is no such route. */
export interface NoRoute {
  readonly kind: "error";
  readonly code: ErrorCode;
  readonly message: string;
  /** What `Allow` says. */
  readonly allow?: string;
}

/** Bytes: a longer target is refused. A name takes three times 255 at most. */
const longestTarget = 8192;

/**
 * What a request asks for. Nothing of it is ever joined to a path: services are looked up by their ids, and the files of
 * the page by their names.
 *
 * @param method HEAD counts as GET. @param target as it stands in the request line. @param hasLabels whether several scan
 * directories are shown.
 */
export function routeOf(method: string, target: string, hasLabels: boolean): Route | NoRoute {
  if (target.length > longestTarget) return error("too-large", "the path is too long");
  if (!target.startsWith("/")) return error("bad-request", "the target is no path");
  const path = target.replace(/[?#].*$/s, "");
  const [first, ...rest] = path.slice(1).split("/");
  if (first === "metrics" && rest.length === 0) return reading(method, { kind: "metrics" });
  if (first === "healthz") return healthRoute(method, rest, hasLabels);
  if (first !== "api") return reading(method, { kind: "page", path });
  const [version, ...words] = rest;
  if (version !== "v1") return error("not-found", "there is only version v1");
  return apiRoute(method, words, hasLabels);
}

function healthRoute(method: string, [segment, ...rest]: readonly string[], hasLabels: boolean): Route | NoRoute {
  if (segment === undefined) return reading(method, { kind: "health", id: null });
  const id = idOfSegment(segment, hasLabels);
  if (id === null || rest.length > 0) return noSuch();
  return reading(method, { kind: "health", id });
}

function apiRoute(method: string, [first = "", ...rest]: readonly string[], hasLabels: boolean): Route | NoRoute {
  if (first === "services") return serviceRoute(method, rest, hasLabels);
  const [name, ...others] = rest;
  if (first === "schema" && name !== undefined && others.length === 0)
    return reading(method, { kind: "schema", name: name.replace(/\.json$/, "") });
  if (name !== undefined) return noSuch();
  switch (first) {
    case "events":
      return reading(method, { kind: "events" });
    case "openapi.json":
      return reading(method, { kind: "openapi" });
    case "session":
      return sessionRoute(method);
    default:
      return noSuch();
  }
}

function sessionRoute(method: string): Route | NoRoute {
  switch (method) {
    case "GET":
    case "HEAD":
      return { kind: "session" };
    case "POST":
      return { kind: "sign-in" };
    case "DELETE":
      return { kind: "sign-out" };
    default:
      return notAllowed("GET, HEAD, POST, DELETE");
  }
}

function serviceRoute(
  method: string,
  [segment, word, ...others]: readonly string[],
  hasLabels: boolean,
): Route | NoRoute {
  if (segment === undefined) return reading(method, { kind: "services" });
  const id = idOfSegment(segment, hasLabels);
  if (id === null || others.length > 0) return noSuch();
  if (word === undefined) return reading(method, { kind: "service", id });
  if (word === "log") return reading(method, { kind: "log", id });
  return method === "POST" ? { kind: "action", id, action: word } : notAllowed("POST");
}

function reading(method: string, route: Route): Route | NoRoute {
  return method === "GET" || method === "HEAD" ? route : notAllowed("GET, HEAD");
}

function noSuch(): NoRoute {
  return error("not-found", "there is nothing of this name");
}

function notAllowed(allow: string): NoRoute {
  return { ...error("method-not-allowed", `only ${allow}`), allow };
}

function error(code: ErrorCode, message: string): NoRoute {
  return { kind: "error", code, message };
}

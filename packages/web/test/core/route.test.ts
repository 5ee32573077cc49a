import { routeOf } from "@upkeep/web/core/route";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

describe("a request", () => {
  test.each([
    ["GET", "/", { kind: "page", path: "/" }],
    ["GET", "/?x=1", { kind: "page", path: "/" }],
    ["HEAD", "/assets/a.js", { kind: "page", path: "/assets/a.js" }],
    ["GET", "/api/v1/services", { kind: "services" }],
    ["GET", "/api/v1/services/a%62?x", { kind: "service", id: "ab" }],
    ["GET", "/api/v1/services/web/log?lines=1", { kind: "log", id: "web" }],
    ["POST", "/api/v1/services/web/restart", { kind: "action", id: "web", action: "restart" }],
    ["GET", "/api/v1/events", { kind: "events" }],
    ["GET", "/api/v1/session", { kind: "session" }],
    ["POST", "/api/v1/session", { kind: "sign-in" }],
    ["DELETE", "/api/v1/session", { kind: "sign-out" }],
    ["GET", "/api/v1/openapi.json", { kind: "openapi" }],
    ["GET", "/api/v1/schema/sv-show.json", { kind: "schema", name: "sv-show" }],
    ["GET", "/metrics", { kind: "metrics" }],
    ["GET", "/healthz", { kind: "health", id: null }],
    ["GET", "/healthz/web", { kind: "health", id: "web" }],
  ])("%s %s", (method, target, route) => {
    expect(routeOf(method, target, false)).toEqual(route);
  });

  test.each([
    ["POST", "/api/v1/services", "method-not-allowed"],
    ["GET", "/api/v1/services/web/restart", "method-not-allowed"],
    ["PUT", "/api/v1/session", "method-not-allowed"],
    ["OPTIONS", "/api/v1/services/web/restart", "method-not-allowed"],
    ["POST", "/", "method-not-allowed"],
    ["GET", "/api/v2/services", "not-found"],
    ["GET", "/api/v1/services/..%2f..%2fetc%2fpasswd", "not-found"],
    ["GET", "/api/v1/services/web/log/main", "not-found"],
    ["GET", "/api/v1/services/", "not-found"],
    ["GET", "/healthz/a/b", "not-found"],
    ["GET", "/api/v1/schema/a/b", "not-found"],
    ["GET", "http://other/", "bad-request"],
    ["GET", "*", "bad-request"],
    ["GET", `/${"x".repeat(9000)}`, "too-large"],
  ])("%s %s is refused: %s", (method, target, code) => {
    expect(routeOf(method, target, false)).toMatchObject({ kind: "error", code });
  });

  test("of any text has an answer; an id in it holds no slash, and no dots that lead upwards but as a name", () => {
    const segment = fc.oneof(
      fc.constantFrom(
        "api",
        "v1",
        "services",
        "..",
        ".",
        "",
        "%2e%2e",
        "%2f",
        "log",
        "healthz",
        "web",
        "%ff",
        "schema",
      ),
      fc.string({ maxLength: 6 }),
    );
    const target = fc.array(segment, { maxLength: 7 }).map((segments) => `/${segments.join("/")}`);
    fc.assert(
      fc.property(
        fc.constantFrom("GET", "POST", "DELETE", "PATCH"),
        target,
        fc.boolean(),
        (method, path, hasLabels) => {
          const route = routeOf(method, path, hasLabels);
          if ("id" in route && route.id !== null) expect(route.id).toMatch(/^[A-Za-z0-9._~%:-]+$/);
          if ("id" in route && route.id !== null) expect(route.id).not.toMatch(/%2F|%00/);
          if (method === "PATCH") expect(route.kind).toBe("error");
        },
      ),
    );
  });
});

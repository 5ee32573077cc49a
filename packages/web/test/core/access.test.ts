import { type Claims, judge, type Rules, whyNotStart } from "@upkeep/web/core/access";
import { type Listening, isLoopback, parseListen } from "@upkeep/web/core/address";
import type { Route } from "@upkeep/web/core/route";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const socket: Listening = { kind: "socket", path: "/run/web.sock" };
const loopback: Listening = { kind: "tcp", address: "127.0.0.1", port: 8080 };
const wide: Listening = { kind: "tcp", address: "0.0.0.0", port: 8080 };

const rules = (more: Partial<Rules> = {}): Rules => ({
  listening: loopback,
  hosts: [],
  needsToken: true,
  mayControl: false,
  ...more,
});
const claims = (more: Partial<Claims> = {}): Claims => ({
  method: "GET",
  hosts: ["127.0.0.1:8080"],
  origin: null,
  fetchSite: null,
  hasControlHeader: false,
  hasToken: true,
  ...more,
});
const services: Route = { kind: "services" };
const page: Route = { kind: "page", path: "/" };
const action: Route = { kind: "action", id: "web", action: "restart" };
const code = (route: Route, asked: Partial<Claims>, given: Partial<Rules> = {}): string =>
  judge(route, claims(asked), rules(given))?.code ?? "fine";

describe("the Host header", () => {
  test.each([
    ["127.0.0.1:8080", "fine"],
    ["localhost", "fine"],
    ["LOCALHOST:1", "fine"],
    ["[::1]:8080", "fine"],
    ["127.9.9.9", "fine"],
    ["evil.example", "misdirected"],
    ["localhost.evil.example", "misdirected"],
    ["127.0.0.1.evil.example", "misdirected"],
    ["192.168.0.5:8080", "misdirected"],
    ["127.0.0.1@evil", "misdirected"],
    ["", "misdirected"],
    ["a b", "misdirected"],
  ])("%j is %s on loopback", (host, expected) => {
    expect(code(services, { hosts: [host] })).toBe(expected);
    expect(code(services, { hosts: [host] }, { listening: socket, needsToken: false })).toBe(expected);
  });

  test("may be an address where other machines are let in, and a name that was named", () => {
    expect(code(services, { hosts: ["192.168.0.5:8080"] }, { listening: wide })).toBe("fine");
    expect(code(services, { hosts: ["evil.example"] }, { listening: wide })).toBe("misdirected");
    expect(code(services, { hosts: ["ops.example:443"] }, { hosts: ["ops.example"] })).toBe("fine");
  });

  test("must come once", () => {
    expect(code(services, { hosts: [] })).toBe("bad-request");
    expect(code(services, { hosts: ["localhost", "evil.example"] })).toBe("bad-request");
  });

  test("is not ours if it is a name that nobody named, whatever else the request says", () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));
    fc.assert(
      fc.property(host, fc.boolean(), fc.boolean(), (name, hasToken, hasControlHeader) => {
        fc.pre(name !== "localhost");
        expect(code(services, { hosts: [name], hasToken, hasControlHeader })).toBe("misdirected");
      }),
    );
  });
});

describe("another site", () => {
  test.each([
    [{ origin: "http://127.0.0.1:8080" }, "fine"],
    [{ origin: "https://127.0.0.1:8080" }, "fine"],
    [{ origin: "http://evil.example" }, "forbidden"],
    [{ origin: "http://127.0.0.1:9090" }, "forbidden"],
    [{ origin: "null" }, "forbidden"],
    [{ origin: "http://127.0.0.1:8080/x" }, "forbidden"],
    [{ origin: "" }, "forbidden"],
    [{ fetchSite: "cross-site" }, "forbidden"],
    [{ fetchSite: "same-site" }, "forbidden"],
    [{ fetchSite: "same-origin" }, "fine"],
    [{ fetchSite: "none" }, "fine"],
  ])("%j is %s", (asked, expected) => {
    expect(code(services, asked)).toBe(expected);
    expect(code(action, { ...asked, method: "POST", hasControlHeader: true }, { mayControl: true })).toBe(expected);
  });

  test("may link to the page, which holds nothing", () => {
    expect(code(page, { fetchSite: "cross-site", hasToken: false })).toBe("fine");
  });

  test("can change nothing, whatever it sends: it cannot add our header without being asked first", () => {
    const origin = fc.constantFrom(null, "http://evil.example", "null", "http://127.0.0.1:8080");
    fc.assert(
      fc.property(origin, fc.boolean(), fc.constantFrom("POST", "DELETE", "PUT"), (from, hasToken, method) => {
        const asked = { origin: from, hasToken, method, hasControlHeader: false };
        expect(code(action, asked, { mayControl: true })).toBe("forbidden");
      }),
    );
  });
});

describe("the token", () => {
  test("is needed for all but the page and the question who asks", () => {
    const routes: readonly Route[] = [
      services,
      { kind: "events" },
      { kind: "service", id: "web" },
      { kind: "log", id: "web" },
      { kind: "health", id: null },
      { kind: "metrics" },
      { kind: "openapi" },
      { kind: "schema", name: "sv-show" },
    ];
    for (const route of routes)
      expect([route.kind, code(route, { hasToken: false })]).toEqual([route.kind, "unauthorized"]);
    expect(code({ kind: "sign-in" }, { method: "POST", hasToken: false, hasControlHeader: true })).toBe("unauthorized");
    for (const route of [page, { kind: "session" } as const]) expect(code(route, { hasToken: false })).toBe("fine");
  });

  test("alone allows no action", () => {
    const asked = { method: "POST", hasControlHeader: true };
    expect(code(action, asked)).toBe("forbidden");
    expect(code(action, asked, { mayControl: true })).toBe("fine");
  });
});

describe("an address", () => {
  test.each([
    ["127.0.0.1:8080", loopback],
    ["localhost:8080", loopback],
    ["0.0.0.0:8080", wide],
    ["[::1]:80", { kind: "tcp", address: "::1", port: 80 }],
    ["[::]:0", { kind: "tcp", address: "::", port: 0 }],
    ["8080", null],
    [":8080", null],
    ["example.org:80", null],
    ["127.0.0.1", null],
    ["1.2.3:80", null],
    ["1.2.3.400:80", null],
    ["::1:80", null],
    ["[127.0.0.1]:80", null],
    ["127.0.0.1:70000", null],
  ])("%s", (text, listening) => {
    expect(parseListen(text)).toEqual(listening);
  });

  test.each([
    ["127.0.0.1", true],
    ["127.8.0.9", true],
    ["::1", true],
    ["0:0:0:0:0:0:0:1", true],
    ["::", false],
    ["::2", false],
    ["::ffff:127.0.0.1", false],
    ["0.0.0.0", false],
    ["10.0.0.1", false],
  ])("%s: only this machine can reach it: %s", (address, isOurs) => {
    expect(isLoopback(address)).toBe(isOurs);
  });
});

test("a server starts on a socket, on loopback with some token, and elsewhere only with a token from a file", () => {
  expect(whyNotStart(socket, "none")).toBeNull();
  expect(whyNotStart(loopback, "file")).toBeNull();
  expect(whyNotStart(loopback, "made")).toBeNull();
  expect(whyNotStart(loopback, "none")).toContain("every user of this machine can reach it");
  expect(whyNotStart(wide, "file")).toBeNull();
  expect(whyNotStart(wide, "made")).toContain("other machines can reach 0.0.0.0");
  expect(whyNotStart(wide, "none")).toContain("--token-file");
});

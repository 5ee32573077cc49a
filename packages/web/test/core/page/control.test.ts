import { describe, expect, test } from "vitest";

import { commandsOf } from "@upkeep/web/core/actions";
import { asksFirst, isPossible, mainActions, moreActions } from "@upkeep/web/core/page/actions";
import { firstConnection, isSilent, lose, retry, staleness } from "@upkeep/web/core/page/connection";
import { bindings, helpFor, intentOf, type Place } from "@upkeep/web/core/page/keys";
import { hashOf, routeOf } from "@upkeep/web/core/page/route";

import { down, off, snapshot, unsupervised } from "./services.ts";

const press = (key: string, held: Partial<{ ctrlKey: boolean; metaKey: boolean; altKey: boolean }> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

describe("actions", () => {
  const all = [...Object.values(mainActions), ...moreActions];

  test("are words that the server knows, each with a key of its own in the menu", () => {
    for (const { word } of all) expect(commandsOf(word), word).not.toBeNull();
    expect(new Set(moreActions.map(({ key }) => key)).size).toBe(moreActions.length);
  });

  test("ask first where a process may end", () => {
    const asking = all.filter((action) => asksFirst(action, snapshot("a"))).map(({ word }) => word);
    const others = ["start", "pause", "cont"];
    expect(asking).toEqual(all.map(({ word }) => word).filter((word) => !others.includes(word)));
    expect(all.filter((action) => asksFirst(action, snapshot("a", off)))).toEqual([]);
  });

  test("can be asked for where they make sense", () => {
    const possible = (one: Parameters<typeof isPossible>[1]): readonly string[] =>
      all.filter((action) => isPossible(action, one)).map(({ word }) => word);
    expect(possible(unsupervised)).toEqual([]);
    expect(possible(snapshot("a", off))).toEqual(["start", "restart", "once"]);
    expect(possible(snapshot("a", down))).toEqual(["start", "stop", "restart", "once"]);
    expect(possible(snapshot("a"))).not.toContain("start");
    expect(possible(snapshot("a"))).not.toContain("cont");
    expect(possible(snapshot("a", { paused: true }))).toContain("cont");
    expect(possible(snapshot("a", {}, { want: "exit" }))).toContain("start");
  });
});

describe("keys", () => {
  test.each(["overview", "service"] as const)("mean one thing each on the page %s", (place: Place) => {
    const keys = bindings.filter(({ places }) => places.includes(place)).flatMap((one) => one.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("do what the help says, and the browser keeps its own", () => {
    expect(intentOf(press("j"), "overview", false)).toEqual({ kind: "move", by: 1 });
    expect(intentOf(press("j"), "service", false)).toBeNull();
    expect(intentOf(press("f", { ctrlKey: true }), "overview", false)).toEqual({ kind: "move", by: "page" });
    expect(intentOf(press("r", { ctrlKey: true }), "overview", true)).toBeNull();
    expect(intentOf(press("d", { metaKey: true }), "overview", true)).toBeNull();
    expect(intentOf(press("r"), "service", true)).toEqual({ kind: "act", word: "restart" });
    expect(intentOf(press("r"), "service", false)).toBeNull();
    expect(intentOf(press("R"), "overview", true)).toEqual({ kind: "act on all", word: "restart" });
    expect(intentOf(press("D"), "service", true)).toEqual({ kind: "download" });
    expect(["U", "D", "R"].map((key) => intentOf(press(key), "overview", false))).toEqual([null, null, null]);
    const help = helpFor("overview", false);
    expect(help.find(({ keys }) => keys.includes("j"))).toEqual({ keys: ["j", "k"], words: "next, previous service" });
    expect(help.some(({ keys }) => keys.includes("r"))).toBe(false);
    expect(helpFor("service", true).some(({ keys }) => keys.includes("r"))).toBe(true);
  });
});

describe("a connection", () => {
  test("is tried again after pauses that grow, and as soon as somebody wants", () => {
    let connection = firstConnection;
    const waits = Array.from({ length: 8 }, () => {
      const lost = lose(connection, "gone", 1000);
      connection = retry(lost);
      return lost.retryAt - 1000;
    });
    expect(waits).toEqual([300, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
    expect(connection).toEqual({ kind: "connecting", failures: 8 });
    expect(retry({ kind: "live", heardAt: 1 })).toEqual({ kind: "live", heardAt: 1 });
    expect(lose({ kind: "live", heardAt: 1 }, "gone", 0).failures).toBe(1);
  });

  test("is lost when the server has been silent for three of its beats", () => {
    expect(isSilent({ kind: "live", heardAt: 0 }, 5000, 15_000)).toBe(false);
    expect(isSilent({ kind: "live", heardAt: 0 }, 5000, 15_001)).toBe(true);
    expect(isSilent(firstConnection, 5000, 99_999)).toBe(false);
  });

  test("says how old what is shown is, where it is", () => {
    expect(staleness({ kind: "live", heardAt: 0 }, 0, 9999)).toBeNull();
    expect(staleness({ kind: "locked" }, 0, 9999)).toBeNull();
    expect(staleness(firstConnection, null, 9999)).toBeNull();
    expect(staleness({ kind: "connecting", failures: 2 }, 0, 12_300)).toBe(
      "Not connected: what you see is 12s old. Trying …",
    );
    const lost = { kind: "lost", failures: 1, reason: "the server does not answer", retryAt: 14_000 } as const;
    expect(staleness(lost, 0, 12_300)).toBe(
      "Not connected (the server does not answer): what you see is 12s old. Next try in 2s.",
    );
    expect(staleness(lost, null, 14_000)).toBe("Not connected (the server does not answer). Next try now.");
  });
});

test("addresses name a service by its id as it is", () => {
  for (const id of ["web", "a%2Fb", "x:web", "%FF"]) {
    expect(routeOf(hashOf({ kind: "service", id }))).toEqual({ kind: "service", id });
  }
  for (const hash of ["", "#", "#/", "#token=x", "#/a/b"]) expect(routeOf(hash)).toEqual({ kind: "overview" });
  expect(hashOf({ kind: "overview" })).toBe("#/");
});

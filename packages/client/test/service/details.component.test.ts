import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Supervised } from "@upkeep/client/service/client";
import { readDetails, tryReadDetails } from "@upkeep/client/service/details";
import { isoTime, noDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { afterAll, describe, expect, test } from "vitest";

import { makeServices, up } from "../helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());

const next: StatusRecord = { ...up, pid: 6, since: { seconds: 95, nanoseconds: 500 } };

/** A service in the state `up`, with a `state.json` of the state of `record`. */
function serviceWith(name: string, record: StatusRecord | null): Supervised {
  const { path } = services.supervise(name);
  if (record !== null) {
    const { pid, state } = record;
    const text = JSON.stringify({ version: 1, state, pid, since: isoTime(record.since), ready: true });
    writeFileSync(join(path, "supervise/state.json"), text);
  }
  return { kind: "supervised", path, supervise: `${path}/supervise`, record: up };
}

describe("details", () => {
  test("are known when state.json is of the same state as the status", () => {
    expect(tryReadDetails(serviceWith("same", up))).toEqual({ ...noDetails, ready: true });
  });

  test("are unknown without a state.json, and with one that cannot be read or makes no sense", () => {
    expect(tryReadDetails(serviceWith("runit", null))).toBe(noDetails);
    const found = serviceWith("directory", null);
    mkdirSync(join(found.path, "supervise/state.json"));
    expect(tryReadDetails(found)).toBe(noDetails);
  });

  /** Stops the clock a moment after the status was written. */
  function stopClock(status: string): Disposable {
    const [real, now] = [Date.now, statSync(status).mtimeMs + 100];
    Date.now = () => now;
    return { [Symbol.dispose]: () => void (Date.now = real) };
  }

  test("are stale while state.json may still follow the status, and then unknown", () => {
    const found = serviceWith("other", next);
    const status = join(found.path, "supervise/status");
    using _ = stopClock(status);
    expect(tryReadDetails(found)).toBe("stale");
    const [before, after] = [new Date(Date.now() - 1000), new Date(Date.now() + 60_000)];
    utimesSync(status, before, before);
    expect(tryReadDetails(found)).toBe(noDetails);
    // A file from the future tells nothing: the clock was set back.
    utimesSync(status, after, after);
    expect(tryReadDetails(found)).toBe(noDetails);
    rmSync(status);
    expect(tryReadDetails(found)).toBe(noDetails);
  });

  test("are waited for only a moment", () => {
    const found = serviceWith("left", next);
    expect(readDetails({ label: "left", path: found.path }, found)).toEqual({ ...found, details: noDetails });
  });

  test("come with the status that they belong to", () => {
    const found = serviceWith("changed", next);
    services.publish("changed", next);
    using _ = stopClock(join(found.path, "supervise/status"));
    expect(readDetails({ label: "changed", path: found.path }, found)).toEqual({
      ...found,
      record: next,
      details: { ...noDetails, ready: true },
    });
  });
});

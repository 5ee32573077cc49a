import { Buffer } from "node:buffer";
import { mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createLooker, type Looker } from "@upkeep/client/look/looker";
import { glanceAtAll, glanceAtEach } from "@upkeep/client/look/snapshot";
import { listAll } from "@upkeep/client/service/scan-directory";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { encodeHistory } from "@upkeep/supervise/core/history";
import { isoTime, noDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { afterAll, describe, expect, test } from "vitest";

import { down } from "../helpers/records.ts";
import { makeServices, up } from "../helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());
const { root } = services;

/** Bytes that are not UTF-8, as a name text. */
const odd = "odd\udcff";

services.supervise("web");
mkdirSync(join(root, "idle"));
mkdirSync(join(root, ".hidden"));
mkdirSync(pathOfName(`${root}/${odd}`));
writeFileSync(join(root, "a-file"), "");
symlinkSync("nowhere", join(root, "lost"));

const looking = { warn: () => expect.unreachable(), wait: 0 };
const processes = { units: { pageBytes: 4096, tickMillis: 10 }, list: () => null };

/** How many of our descriptors lead into the scan directory. */
function descriptorsInto(directory: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`, { encoding: "buffer" }).includes(Buffer.from(`${directory}/odd`));
    } catch {
      return false;
    }
  }).length;
}

describe("a glance at many services", () => {
  test("tells what their supervisors say, and leaves out what is no directory", () => {
    const found = glanceAtAll(root, looking);
    expect(found.map(({ label }) => label)).toEqual(["idle", "lost", odd, "web"].toSorted());
    expect(found.find(({ label }) => label === "web")).toEqual({
      label: "web",
      path: join(root, "web"),
      state: { record: up, details: noDetails },
      isNormallyDown: null,
    });
    const messages = found.flatMap(({ label, state }) => ("message" in state ? [`${label}: ${state.message}`] : []));
    expect(messages).toEqual([
      "idle: unable to open supervise/ok: file does not exist",
      "lost: unable to change to service directory: file does not exist",
      `${odd}: unable to open supervise/ok: file does not exist`,
    ]);
    expect(glanceAtEach(listAll(root), looking)).toEqual(found);
  });

  test("leaves no descriptor open", () => {
    for (let time = 0; time < 3; time++) glanceAtAll(root, looking);
    for (let time = 0; time < 3; time++) glanceAtEach(listAll(root), looking);
    expect(descriptorsInto(root)).toBe(0);
  });
});

test("whoever looks again and again holds one descriptor for a name that is not UTF-8, while it is there", () => {
  const looker = createLooker(() => listAll(root), { isWhole: true, processes });
  for (const now of [0, 5000, 10_000, 15_000]) looker.look(new Set(), now);
  expect(descriptorsInto(root)).toBe(1);
  rmSync(pathOfName(`${root}/${odd}`), { recursive: true });
  const { services: left } = looker.look(new Set(), 20_000);
  expect(left.map(({ snapshot }) => snapshot.label)).toEqual(["idle", "lost", "web"]);
  expect(descriptorsInto(root)).toBe(0);
});

test("whoever looks at the whole of services sees the ends in a row, once they matter", () => {
  const crashing = services.supervise("crashing", down);
  const at = (ago: number): string => new Date(Date.now() - ago * 1000).toISOString().replace(/Z$/, "000Z");
  const end = (code: number, ago: number) => ({
    code,
    signal: null,
    core: false,
    at: at(ago),
    ranMillis: 5,
    ready: false,
  });
  const ends = [end(3, 5), end(3, 6), end(1, 7)];
  const supervise = join(crashing.path, "supervise");
  const tell = (record: StatusRecord, starts: number, lastExit: object | undefined): void => {
    const fields = { ...record, version: 1, since: isoTime(record.since), starts, lastExit, name: "crashing" };
    writeFileSync(join(supervise, "state.new"), JSON.stringify(fields));
    renameSync(join(supervise, "state.new"), join(supervise, "state.json"));
  };
  writeFileSync(join(supervise, "history.json"), encodeHistory(ends));
  tell(down, 3, ends[0]);
  const whole = createLooker(() => listAll(root), { isWhole: true, processes });
  const part = createLooker(() => listAll(root), { isWhole: false, processes });
  const seen = (looker: Looker, now: number): readonly number[] | undefined =>
    looker.look(new Set(), now).services.find(({ snapshot }) => snapshot.label === "crashing")?.sameEnds;
  const seconds = (some: readonly { readonly at: string }[]): readonly number[] =>
    some.map((one) => Math.floor(Date.parse(one.at) / 1000));
  expect(seen(whole, 0)).toEqual(seconds(ends.slice(0, 2)));
  expect(seen(part, 0)).toEqual([]);
  // The record is not read again for an end that is the next one.
  writeFileSync(join(supervise, "history.json"), "");
  const next = end(3, 1);
  tell(down, 4, next);
  expect(seen(whole, 100)).toEqual(seconds([next, ...ends.slice(0, 2)]));
  tell(down, 6, end(3, 0));
  expect(seen(whole, 200)).toHaveLength(1);
  rmSync(crashing.path, { recursive: true });
});

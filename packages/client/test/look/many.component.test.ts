import { Buffer } from "node:buffer";
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { createLooker } from "@upkeep/client/look/looker";
import { glanceAtAll, glanceAtEach } from "@upkeep/client/look/snapshot";
import { listAll } from "@upkeep/client/service/scan-directory";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { noDetails } from "@upkeep/supervise/core/state-json";
import { afterAll, describe, expect, test } from "vitest";

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

  test("tells the same from within the scan directory", () => {
    const found = glanceAtAll(root, looking);
    const before = process.cwd();
    const enter = (directory: string): boolean => {
      process.chdir(directory);
      return true;
    };
    try {
      expect(glanceAtAll(root, looking, enter)).toEqual(found);
      process.chdir(before);
      expect(glanceAtAll(relative(before, root), looking, enter).map(({ state }) => state)).toEqual(
        found.map(({ state }) => state),
      );
      expect(descriptorsInto(root)).toBe(0);
    } finally {
      process.chdir(before);
    }
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

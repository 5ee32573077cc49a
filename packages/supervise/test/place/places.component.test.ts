import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openOkFifo } from "@upkeep/supervise/fifo/supervisor-end";
import { findPlaces, makePlaces } from "@upkeep/supervise/place/places";
import { makeSuperviseDirectory } from "@upkeep/supervise/place/supervise-directory";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";
import type { Candidate } from "@upkeep/supervise/core/candidate";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "upkeep-places-"));
let count = 0;
let web = "";
let named: Candidate = { path: "", kind: "named" };
let temporary: Candidate = { path: "", kind: "private" };

beforeEach(() => {
  const base = join(root, String(count++));
  web = join(base, "web");
  mkdirSync(web, { recursive: true });
  named = { path: join(base, "named"), kind: "named" };
  temporary = { path: join(base, "upkeep-1000"), kind: "private" };
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function placeIn({ path }: Candidate): string {
  return join(path, encodeURIComponent(web));
}

function make(...candidates: readonly Candidate[]): readonly string[] {
  return [...makePlaces(web, candidates)];
}

describe("places", () => {
  test("are there once they have been made", () => {
    expect(findPlaces(web, [named, temporary])).toEqual([]);
    const both = [placeIn(named), placeIn(temporary)];
    expect(make(named, temporary)).toEqual(both);
    expect(findPlaces(web, [named, temporary])).toEqual(both);
    expect(lstatSync(temporary.path).mode & 0o777).toBe(0o700);
    expect(lstatSync(placeIn(named)).mode & 0o022).toBe(0);
  });

  test("are made one by one, and those that cannot be are left out", () => {
    writeFileSync(named.path, "");
    const places = makePlaces(web, [named, temporary, { path: join(root, "later"), kind: "private" }]);
    expect(places.next().value).toBe(placeIn(temporary));
    expect(() => lstatSync(join(root, "later"))).toThrow("ENOENT");
  });

  test("are the same whichever way leads to the directory", () => {
    symlinkSync(web, `${web}-link`);
    expect([...makePlaces(`${web}-link`, [named])]).toEqual([placeIn(named)]);
    expect(findPlaces(`${web}/.`, [named])).toEqual([placeIn(named)]);
  });

  test("are none for a directory that is not there", () => {
    expect([...makePlaces(`${web}-gone`, [named])]).toEqual([]);
    expect(findPlaces(`${web}-gone`, [named])).toEqual([]);
  });

  test("are none in a temporary directory that others may look into, or that is a link", () => {
    mkdirSync(temporary.path);
    chmodSync(temporary.path, 0o755);
    expect(make(temporary)).toEqual([]);
    rmSync(temporary.path, { recursive: true });
    mkdirSync(`${temporary.path}-elsewhere`, { mode: 0o700 });
    symlinkSync(`${temporary.path}-elsewhere`, temporary.path);
    expect(make(temporary)).toEqual([]);
    expect(findPlaces(web, [temporary])).toEqual([]);
  });

  test("are none where others may write, or where there is a link", () => {
    make(named);
    chmodSync(placeIn(named), 0o777);
    expect(findPlaces(web, [named])).toEqual([]);
    rmSync(placeIn(named), { recursive: true });
    symlinkSync(root, placeIn(named));
    expect(findPlaces(web, [named])).toEqual([]);
    expect(make(named)).toEqual([]);
  });
});

describe("the supervise directory of a service", () => {
  test("is its own, unless somebody supervises in another place only", () => {
    const path = (): string => supervisePath(web, [named, temporary]);
    expect(path()).toBe(`${web}/supervise`);
    for (const place of make(named, temporary)) makeSuperviseDirectory(place, place);
    expect(path()).toBe(`${web}/supervise`);
    openOkFifo(`${placeIn(temporary)}/supervise/ok`, "ok");
    expect(path()).toBe(`${placeIn(temporary)}/supervise`);
    makeSuperviseDirectory(web, "./supervise");
    openOkFifo(`${web}/supervise/ok`, "ok");
    expect(path()).toBe(`${web}/supervise`);
  });
});

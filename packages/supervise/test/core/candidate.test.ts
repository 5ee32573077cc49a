import { Buffer } from "node:buffer";

import {
  type Candidate,
  candidatesOf,
  isTrustedCandidate,
  isTrustedPlace,
  placeOf,
} from "@upkeep/supervise/core/candidate";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const run: Candidate = { path: "/run/upkeep", kind: "system" };
const place = (directory: string): readonly string[] => placeOf(Buffer.from(directory), run);

describe("candidates", () => {
  test("are what is named, then /run/upkeep, then the user's own in the temporary directory", () => {
    expect(candidatesOf({ UPKEEP_RUNDIR: "/state", TMPDIR: "/var/tmp" }, 1000).map(({ path }) => path)).toEqual([
      "/state",
      "/run/upkeep",
      "/var/tmp/upkeep-1000",
    ]);
  });

  test.each([{}, { UPKEEP_RUNDIR: "", TMPDIR: "" }, { UPKEEP_RUNDIR: "state", TMPDIR: "tmp" }])(
    "are the usual two where the variables are no absolute paths: %j",
    (environment) => {
      expect(candidatesOf(environment, 0).map(({ path }) => path)).toEqual(["/run/upkeep", "/tmp/upkeep-0"]);
    },
  );
});

describe("the place of a directory", () => {
  test("is its path in one name", () => {
    expect(place("/etc/service/web")).toEqual(["/run/upkeep/%2Fetc%2Fservice%2Fweb"]);
    expect(place("/srv/a b/größe%")).toEqual(["/run/upkeep/%2Fsrv%2Fa%20b%2Fgr%C3%B6%C3%9Fe%25"]);
  });

  test("goes on in further levels where that name would be too long", () => {
    const levels = place(`/${"x".repeat(255)}/${"y".repeat(255)}`);
    expect(levels).toHaveLength(3);
    expect(levels.at(-1)?.startsWith(`${levels[0]}/`)).toBe(true);
    for (const name of levels.at(-1)?.split("/") ?? []) expect(name.length).toBeLessThanOrEqual(200);
  });

  test("is another one for every other directory, and below the candidate", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 700 });
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const [of, ofOther] = [placeOf(one, run).at(-1), placeOf(other, run).at(-1)];
        expect(of === ofOther).toBe(Buffer.compare(one, other) === 0);
        expect(of).toMatch(/^\/run\/upkeep(?:\/[\w.%-]{1,200})+$/);
      }),
    );
  });
});

describe("trust", () => {
  const found = (uid: number, mode: number): { isDirectory: true; uid: number; mode: number } => ({
    isDirectory: true,
    uid,
    mode: 0o040000 | mode,
  });

  test.each([
    ["private", 1000, 0o700, true],
    ["private", 1000, 0o750, false],
    ["private", 1000, 0o701, false],
    ["private", 0, 0o700, false],
    ["private", 1001, 0o700, false],
    ["system", 0, 0o755, true],
    ["system", 1000, 0o755, true],
    ["system", 0, 0o1777, true],
    ["system", 0, 0o777, false],
    ["system", 1001, 0o755, false],
    ["named", 1001, 0o777, true],
  ] as const)("in a %s directory of uid %i with mode %o, by uid 1000: %s", (kind, uid, mode, isTrusted) => {
    expect(isTrustedCandidate({ path: "/p", kind }, found(uid, mode), 1000)).toBe(isTrusted);
    expect(isTrustedCandidate({ path: "/p", kind }, { ...found(uid, mode), isDirectory: false }, 1000)).toBe(false);
  });

  test("in a place for state is for its owner and for root, and state is kept in one's own only", () => {
    expect([1000, 0, 1001].map((uid) => isTrustedPlace(found(uid, 0o755), 1000, false))).toEqual([true, true, false]);
    expect([1000, 0, 1001].map((uid) => isTrustedPlace(found(uid, 0o755), 1000, true))).toEqual([true, false, false]);
    expect([0o775, 0o757].map((mode) => isTrustedPlace(found(1000, mode), 1000, true))).toEqual([false, false]);
    expect(isTrustedPlace({ ...found(1000, 0o755), isDirectory: false }, 1000, true)).toBe(false);
  });
});

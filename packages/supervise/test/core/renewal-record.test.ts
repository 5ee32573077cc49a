import { decodeRenewal, encodeRenewal } from "@upkeep/supervise/core/renewal-record";
import { expect, test } from "vitest";

const program = { program: "runsv web", pid: 7, before: "0.1.0", version: "0.2.0", problem: null };

test("a record comes back as it was", () => {
  const record = { count: 3, programs: [program, { ...program, problem: "no" }], asksParent: true };
  expect(decodeRenewal(encodeRenewal(record))).toEqual(record);
});

test("what is no record is none, and what is no program is left out", () => {
  for (const text of ["", "{", "[]", '{"count":"1","programs":[]}', '{"count":1,"programs":{}}']) {
    expect(decodeRenewal(text)).toBeNull();
  }
  const programs = [null, 1, { pid: 7 }, { program: "runsvdir", pid: "7" }, program];
  expect(decodeRenewal(JSON.stringify({ count: 1, programs }))).toEqual({
    count: 1,
    programs: [program],
    asksParent: false,
  });
});

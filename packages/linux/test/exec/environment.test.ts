import { inheritedEnvironment, quietVariables, withoutQuietVariables } from "@upkeep/linux/exec/environment";
import { describe, expect, test } from "vitest";

const entry = (text: string): Uint8Array => new TextEncoder().encode(text);
const shown = (entries: readonly Uint8Array[]): readonly string[] =>
  entries.map((bytes) => new TextDecoder().decode(bytes));

describe("environment", () => {
  test("is the one this process was started with", () => {
    const path = process.env["PATH"];
    expect(shown(inheritedEnvironment())).toContain(`PATH=${path}`);
  });

  test("leaves out what we added for the runtime", () => {
    expect(shown(withoutQuietVariables([entry("A=1"), ...quietVariables]))).toEqual(["A=1"]);
  });

  test("keeps the same settings of others, before ours or without", () => {
    const theirs = [...quietVariables.slice(0, -1), entry("BUN_GC_TIMER_DISABLE=1"), entry("Z=")];
    expect(shown(withoutQuietVariables(theirs))).toEqual(shown(theirs));
    expect(shown(withoutQuietVariables([...theirs, ...quietVariables]))).toEqual(shown(theirs));
  });
});

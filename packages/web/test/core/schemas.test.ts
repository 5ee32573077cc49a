import { describeSnapshot } from "@upkeep/client/core/json";
import { describePicture } from "@upkeep/client/core/picture";
import { type Schema, statusFields, showFields } from "@upkeep/client/core/schema";
import { actionWords, commandsOf } from "@upkeep/web/core/actions";
import { openApi } from "@upkeep/web/core/openapi";
import { schemas } from "@upkeep/web/core/schemas";
import { listOf, notice, nothingYet } from "@upkeep/web/core/live";
import { expect, test } from "vitest";

const keys = (value: object | undefined): readonly string[] => Object.keys(value ?? {}).toSorted();

const snapshot = {
  label: "web",
  path: "/s/web",
  state: { severity: "fail", message: "runsv not running" },
  isNormallyDown: null,
  log: null,
} as const;

test("schemas have the fields that are sent", () => {
  expect(keys(statusFields)).toEqual(keys(describeSnapshot(snapshot, 0)));
  const parts = { needs: [], neededBy: [], settings: {}, processes: [], ends: [], lastLines: [] };
  expect(keys(showFields)).toEqual(keys(describePicture({ snapshot, ...parts }, 0)));
  const live = notice(nothingYet, {
    directories: [],
    services: [{ id: "web", directory: "/s", snapshot, use: null, sameEnds: [] }],
  });
  const list = listOf(live, 0, false);
  const schema = schemas["web-services"];
  expect(keys(schema?.properties)).toEqual(keys(list));
  expect(keys(schema?.$defs?.["entry"]?.properties)).toEqual(keys(list.services[0]));
});

function* refsIn(value: unknown): Generator<string> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === "$ref" && typeof inner === "string") yield inner;
    else yield* refsIn(inner);
  }
}

test("each reference in the schemas and in the description leads to something", () => {
  for (const [name, schema] of Object.entries<Schema>(schemas)) {
    const dead = [...refsIn(schema)].filter(
      (ref) => !((schema.$defs ?? {})[ref.replace("#/$defs/", "")] !== undefined),
    );
    expect([name, dead]).toEqual([name, []]);
  }
  const refs = [...refsIn(openApi)];
  expect(refs.length).toBeGreaterThan(5);
  expect(refs.filter((ref) => schemas[ref.replace(/^.*\/schema\/|\.json$/g, "")] === undefined)).toEqual([]);
});

test("every action has commands, none of which ends a supervisor, and nothing else has", () => {
  for (const word of actionWords) {
    const commands = commandsOf(word);
    expect([word, commands?.length]).not.toEqual([word, 0]);
    expect(commands).not.toContain("exit");
  }
  for (const word of ["", "x", "exit", "shutdown", "status", "s", "constructor", "force-stop", "check", "START"])
    expect(commandsOf(word)).toBeNull();
});

import { awaitState } from "@upkeep/sv/wait/await-state";
import { afterAll, expect, test } from "vitest";

import { makeServices, up } from "../../../client/test/helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());

const long = 600;

test("a state that is there already is not waited for", async () => {
  const { path } = services.supervise("web");
  expect(await awaitState([{ label: "web", path }], "up", 0)).toBe(0);
});

test("a new status ends the wait, for all services together", async () => {
  const labels = ["one", "two"];
  const waiting = awaitState(
    labels.map((label) => ({ label, path: services.supervise(label).path })),
    "down",
    long,
  );
  for (const label of labels) services.publish(label, { ...up, pid: 0, state: "down", want: "down" });
  expect(await waiting).toBe(0);
});

test("a supervisor that is only started is waited for", async () => {
  services.script("late", "run", "");
  const waiting = awaitState([{ label: "late", path: `${services.root}/late` }], "up", long);
  services.supervise("late");
  expect(await waiting).toBe(0);
});

import { errno, SystemError } from "@upkeep/linux/core/errno";
import { expect, test } from "vitest";

import { createBackground } from "../../src/directory/background.ts";

test("is idle when all work is done, also what is added while it waits", async () => {
  const background = createBackground(() => {});
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const done: string[] = [];
  background.add(first.promise);
  const idle = background.idle().then(() => done.push("idle"));
  background.add(second.promise.then(() => void done.push("second")));
  first.resolve();
  second.resolve();
  await idle;
  expect(done).toEqual(["second", "idle"]);
});

test("is idle at once when there is none", async () => {
  await createBackground(() => {}).idle();
});

test("tells what could not be done, and goes on", async () => {
  const said: string[] = [];
  const background = createBackground((message) => said.push(message));
  background.add(Promise.reject(new SystemError("unlink oldest logfile: a", errno.EACCES)));
  background.add(Promise.resolve());
  await background.idle();
  expect(said).toEqual(["unable to unlink oldest logfile: a: access denied"]);
});

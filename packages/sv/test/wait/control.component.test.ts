import { Buffer } from "node:buffer";
import { readSync } from "node:fs";

import { type ControlTask, taskOf } from "@upkeep/client/core/commands";
import { errno, errnoOf } from "@upkeep/linux/core/errno";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { controlServices } from "@upkeep/sv/wait/control";
import { afterAll, expect, test } from "vitest";

import { makeServices, up } from "../../../client/test/helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());

function task(word: string): ControlTask {
  const found = taskOf(word, "sv");
  if (found?.kind !== "control") throw new Error(`${word} is no command`);
  return found;
}

/** What the supervisor of a service in this state gets from `sv word`, which does not wait. */
async function sent(name: string, word: string, record: StatusRecord): Promise<string> {
  const { path, controlFd } = services.supervise(name, record);
  expect(await controlServices([{ label: name, path }], task(word), { waits: false, seconds: 7 })).toBe(0);
  const bytes = Buffer.alloc(10);
  try {
    return bytes.toString("latin1", 0, readSync(controlFd, bytes));
  } catch (error) {
    if (errnoOf(error) !== errno.EAGAIN) throw error;
    return "";
  }
}

test("the commands of a task are sent together", async () => {
  expect(await sent("restarted", "restart", up)).toBe("tcu");
  expect(await sent("stopped", "stop", up)).toBe("d");
});

test("a service that is stopping is not sent a second TERM", async () => {
  const stopping: StatusRecord = { ...up, want: "down", gotTerm: true };
  expect(await sent("stopping", "stop", stopping)).toBe("");
  expect(await sent("ending", "exit", stopping)).toBe("x");
  expect(await sent("checked", "check", stopping)).toBe("");
});

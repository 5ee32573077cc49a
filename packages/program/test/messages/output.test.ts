import { closeSync, writeSync } from "node:fs";

import { writeMessage } from "@upkeep/program/messages/output";
import { setNonBlocking } from "@upkeep/linux/fd/descriptor";
import { createPipe } from "@upkeep/linux/fd/pipe";
import { readAvailable } from "@upkeep/linux/fd/readable";
import { expect, test } from "vitest";

test("a message that meets a full pipe is given up, though the descriptor blocks, and the next one has its chance", () => {
  const { read, write } = createPipe();
  setNonBlocking(write, true);
  const page = new Uint8Array(4096);
  expect(() => {
    for (;;) writeSync(write, page);
  }).toThrow("EAGAIN");
  setNonBlocking(write, false);
  expect(writeMessage(write, "lost\n")).toBe(false);
  expect(writeMessage(write, "lost as well\n")).toBe(false);
  setNonBlocking(read, true);
  while (readAvailable(read, page) > 0) page.fill(0);
  expect(writeMessage(write, "heard\n")).toBe(true);
  expect(new TextDecoder().decode(page.subarray(0, readAvailable(read, page)))).toBe("heard\n");
  for (const fd of [read, write]) closeSync(fd);
});

test("a message goes nowhere where there is no reader", () => {
  const { read, write } = createPipe();
  closeSync(read);
  expect(writeMessage(write, "lost\n")).toBe(false);
  closeSync(write);
});

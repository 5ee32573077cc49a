import { expect, test } from "vitest";

import { createWholeBytes } from "../../src/lines/whole-bytes.ts";

test("bytes go on as they come, whether a line ends or not", () => {
  const bytes = createWholeBytes(16);
  const pass = (text: string): string => {
    bytes.space().set(Buffer.from(text));
    return Buffer.from(bytes.received(text.length)).toString();
  };
  bytes.setPrefix(Buffer.from("web | "));
  expect([pass("half"), pass(" a line\n\nx"), pass("")]).toEqual(["half", " a line\n\nx", ""]);
  expect([bytes.isMidLine(), bytes.flush(false).length, bytes.unfinished().length]).toEqual([false, 0, 0]);
});

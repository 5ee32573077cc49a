import { expect, test } from "vitest";

import { createListing } from "@upkeep/logs/read/log-directory";
import type { LogFile } from "@upkeep/logs/read/log-file";
import { createLogSequence } from "@upkeep/logs/read/log-sequence";

test("a log that goes from name to name while the directory is read is found, also where there is no current", () => {
  // It was `previous`, and then `processed`, but each reading has looked for that too late or too early.
  const name = `@4000000065${"0".repeat(14)}.s`;
  const readings: readonly string[][] = [[], []];
  let count = 0;
  const opened: string[] = [];
  const file = { close: () => expect.unreachable() } as unknown as LogFile;
  const sequence = createLogSequence(
    {
      list: createListing(() => readings[count++] ?? [name]),
      open: (found) => (opened.push(found) > 0 ? file : null),
      // Another one was there in between.
      currentId: () => null,
    },
    new Set(),
    () => expect.unreachable(),
  );
  expect(sequence.open()).toMatchObject({ file, isCurrent: false, before: null });
  expect(opened).toEqual([name]);
});

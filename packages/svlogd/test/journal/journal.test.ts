import * as fc from "fast-check";
import { expect, test } from "vitest";

import { type DirectoryRecord, emptyInput, type InputRecord, noDirectory } from "../../src/core/journal-record.ts";
import { createJournal, journalSize, mostDirectories } from "../../src/journal/journal.ts";

const size = 200;
const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const time = fc.record({ seconds: whole, nanoseconds: fc.nat({ max: 999_999_999 }) });
const input: fc.Arbitrary<InputRecord> = fc.record({
  batch: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  isReceived: fc.boolean(),
  buffer: fc.constantFrom(0 as const, 1 as const),
  waiting: whole,
  since: time,
  isInLongLine: fc.boolean(),
  column: whole,
  count: whole,
  time,
});
const directory: fc.Arbitrary<DirectoryRecord> = fc.record({
  device: whole,
  directory: whole,
  format: whole,
  batch: whole,
  log: whole,
  base: whole,
  done: whole,
  isInLoggedLine: fc.boolean(),
});

test("memory that is all zeros is an empty journal", () => {
  const journal = createJournal(new ArrayBuffer(journalSize(size)));
  expect(journal.input()).toEqual(emptyInput);
  expect(journal.directory(mostDirectories - 1)).toEqual(noDirectory);
  expect(journal.buffers.map(({ length }) => length)).toEqual([size, size]);
});

test("a successor finds the last records and the buffers", () => {
  fc.assert(
    fc.property(fc.array(input, { minLength: 1 }), fc.array(directory, { minLength: 1 }), (inputs, records) => {
      const memory = new ArrayBuffer(journalSize(size));
      const first = createJournal(memory);
      for (const record of inputs) first.setInput(record);
      for (const [at, record] of records.entries()) first.setDirectory(at % mostDirectories, record);
      first.buffers[0].write("a");
      first.buffers[1].write("b", size - 1);
      const second = createJournal(memory);
      expect(second.input()).toEqual(inputs.at(-1));
      for (let at = 0; at < mostDirectories; at++) {
        const last = records.findLast((_, number) => number % mostDirectories === at);
        expect(second.directory(at)).toEqual(last ?? noDirectory);
      }
      expect(String.fromCharCode(second.buffers[0][0] ?? 0, second.buffers[1][size - 1] ?? 0)).toBe("ab");
    }),
  );
});

test("until all of a record is stored, the one before it is found", () => {
  fc.assert(
    fc.property(input, input, directory, directory, (...[before, after, older, newer]) => {
      const memory = new ArrayBuffer(journalSize(size));
      const journal = createJournal(memory);
      journal.setInput(before);
      journal.setDirectory(0, older);
      const old = new Uint8Array(memory.slice(0));
      journal.setInput(after);
      journal.setDirectory(0, newer);
      const stored = new Uint8Array(memory);
      const differing = [...stored.keys()].filter((at) => stored[at] !== old[at]);
      // Any part of the values may have been stored. The selectors lie before them.
      for (const at of differing.filter((place) => place >= 1088)) {
        old[at] = stored[at] ?? 0;
        const found = createJournal(old.buffer);
        expect([found.input(), found.directory(0)]).toEqual([before, older]);
      }
    }),
    { numRuns: 30 },
  );
});

import { describe, expect, test } from "vitest";

import { emptyInput } from "../../src/core/journal-record.ts";
import { noticeUnnoticed } from "../../src/journal/journal-keeper.ts";
import { createPlainJournal } from "../../src/journal/journal.ts";

describe("noticeUnnoticed", () => {
  test("what is not zero behind what waits was read", () => {
    const journal = createPlainJournal(100);
    journal.setInput({ ...emptyInput, buffer: 1, waiting: 3, batch: 8 });
    journal.buffers[1].write("abcde\0f");
    const now = { seconds: 1, nanoseconds: 2 };
    noticeUnnoticed(journal, 64, now);
    expect(journal.input()).toMatchObject({ isReceived: true, batch: 8, count: 4, waiting: 3, time: now });
  });

  test("nothing else was", () => {
    const journal = createPlainJournal(100);
    journal.setInput({ ...emptyInput, waiting: 3 });
    journal.buffers[0].write("abc");
    journal.buffers[1].write("abcdef");
    noticeUnnoticed(journal, 64, { seconds: 1, nanoseconds: 2 });
    expect(journal.input()).toEqual({ ...emptyInput, waiting: 3 });
  });
});

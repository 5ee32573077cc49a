import { expect, test } from "vitest";

import { emptyInput, noDirectory } from "../../src/core/journal-record.ts";
import type { CurrentFile } from "../../src/directory/current-file.ts";
import type { KnownPlace } from "../../src/directory/place.ts";
import type { Claim, JournalKeeper } from "../../src/journal/journal-keeper.ts";
import { createPlainJournal, type Journal } from "../../src/journal/journal.ts";
import { claimProgress } from "../../src/journal/progress.ts";
import { createSkipping } from "../../src/journal/skipping.ts";

const place = (inode: number): KnownPlace => ({ name: "log", path: (entry) => entry, device: 5, inode });

function keeperWith(changes: Partial<Claim> = {}): { readonly journal: Journal; readonly keeper: JournalKeeper } {
  const journal = createPlainJournal(100);
  const claim: Claim = {
    journal,
    number: 3,
    batch: 7,
    done: 0,
    skipping: null,
    isPassedOver: false,
    isInLoggedLine: false,
    ...changes,
  };
  return { journal, keeper: { claim: () => claim, journal: () => journal, remove: () => {} } };
}

function file(inode: number, size: number, isRegular = true): CurrentFile {
  const never = (): never => {
    throw new Error("not called");
  };
  return {
    isRegular,
    inode,
    size: () => size,
    write: never,
    sync: never,
    isSynced: never,
    syncInBackground: never,
    finish: never,
    close: never,
  };
}

test("the record names the log, how large it was, and what went to earlier ones", () => {
  const { journal, keeper } = keeperWith();
  const progress = claimProgress(keeper, place(9), 4, null);
  progress.opened(null, file(70, 100));
  const record = { device: 5, directory: 9, format: 4, batch: 7, log: 70, base: 100, done: 0, isInLoggedLine: false };
  expect(journal.directory(3)).toEqual(record);
  progress.opened(file(70, 130), file(71, 0));
  expect(journal.directory(3)).toEqual({ ...record, log: 71, base: 0, done: 30 });
  journal.setInput({ ...emptyInput, batch: 7, isReceived: true });
  progress.settled(12, false, true);
  expect(journal.directory(3)).toEqual({ ...record, log: 71, base: 12, batch: 8, isInLoggedLine: true });
});

test("while bytes wait, and where the log is no file, the record says that nothing is known", () => {
  const { journal, keeper } = keeperWith();
  const progress = claimProgress(keeper, place(9), 4, null);
  progress.opened(null, file(70, 0));
  progress.settled(5, true, false);
  expect(journal.directory(3).batch).toBe(0);
  // A HUP in the pause changes nothing of that, nor does the next log.
  const renewed = progress.renew(place(10), 6);
  renewed.opened(null, file(72, 0));
  expect(journal.directory(3)).toMatchObject({ directory: 10, format: 6, log: 72, batch: 0 });
  renewed.settled(5, false, false);
  expect(journal.directory(3)).toMatchObject({ base: 5, batch: 1 });
  renewed.opened(null, file(73, 0, false));
  expect(journal.directory(3)).toMatchObject({ log: 73, batch: 0 });
});

test("what a killed logger has written is kept back in the first batch only", () => {
  const { keeper } = keeperWith({ done: 2, skipping: createSkipping(2, Buffer.from("ab")) });
  const progress = claimProgress(keeper, place(9), 4, null);
  const bytes = Buffer.from("abcd");
  expect(progress.startOf(bytes, 0, 4)).toBe(2);
  progress.settled(4, false, false);
  expect(progress.startOf(bytes, 0, 4)).toBe(0);
  const passedOver = claimProgress(keeperWith({ isPassedOver: true }).keeper, place(9), 4, null);
  expect(passedOver.isPassedOver()).toBe(true);
  expect(passedOver.renew(place(9), 5).isPassedOver()).toBe(false);
});

test("without room for a record nothing is recorded", () => {
  const { journal, keeper } = keeperWith({ number: null });
  const progress = claimProgress(keeper, place(9), 4, null);
  progress.opened(null, file(70, 0));
  progress.settled(5, false, false);
  expect(journal.directory(3)).toEqual(noDirectory);
  expect(progress.number).toBeNull();
});

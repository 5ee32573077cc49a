import { chmodSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";

import { afterEach, expect, test } from "vitest";

import { emptyInput } from "../../src/core/journal-record.ts";
import { type JournalFile, openJournalFile } from "../../src/journal/journal-file.ts";
import { createJournal, journalSize } from "../../src/journal/journal.ts";
import { temporaryDirectory } from "../helpers/temporary-directory.ts";

const subject = { device: 0, inode: process.pid, settings: "a", bufferSize: 5000 };
const directory = `/dev/shm/upkeep-svlogd-${process.geteuid?.() ?? 0}`;
const path = `${directory}/0-${process.pid}`;
const opened: JournalFile[] = [];
afterEach(() => {
  for (const file of opened.splice(0)) file.close();
  rmSync(path, { force: true });
});

function open(changes: Partial<typeof subject> = {}): JournalFile {
  const file = openJournalFile({ ...subject, ...changes });
  opened.push(file);
  return file;
}

/** Leaves a record, as if killed. */
function leave(): void {
  const file = openJournalFile(subject);
  createJournal(file.memory).setInput({ ...emptyInput, batch: 3 });
  file.close();
}

const batch = (file: JournalFile): number => createJournal(file.memory).input().batch;

test("what is stored is found by the next one; nobody else can read it, and it has room of its own", () => {
  leave();
  const { mode, blocks } = statSync(path);
  expect(mode & 0o777).toBe(0o600);
  expect(blocks * 512).toBeGreaterThanOrEqual(journalSize(subject.bufferSize));
  expect(batch(open())).toBe(3);
});

test("there is nothing after it was removed", () => {
  leave();
  const file = openJournalFile(subject);
  file.remove();
  file.remove();
  file.close();
  expect(batch(open())).toBe(1);
});

test.each([{ settings: "b" }, { bufferSize: 6000 }])("it begins anew with %j", (changes) => {
  leave();
  expect(batch(open(changes))).toBe(1);
});

test("it begins anew when it was cut", () => {
  leave();
  truncateSync(path, 100);
  expect(batch(open())).toBe(1);
});

test("one at a time has it", () => {
  open();
  expect(() => open()).toThrow(`unable to open journal: ${path}: temporary failure`);
});

test("a link, and what others may read, is not used", () => {
  const temporary = temporaryDirectory();
  const target = `${temporary.path}/target`;
  writeFileSync(target, "", { mode: 0o600 });
  symlinkSync(target, path);
  expect(() => open()).toThrow(`unable to open journal: ${path}: symbolic link loop`);
  rmSync(path);
  writeFileSync(path, "kept");
  chmodSync(path, 0o640);
  expect(() => open()).toThrow(`unable to open journal: ${path}: permission denied`);
  expect(statSync(path).size).toBe(4);
  temporary.remove();
});

test("the directory is nobody else's", () => {
  open();
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { errno } from "@upkeep/linux/core/errno";
import { readLinkOrNull } from "@upkeep/linux/fd/files";
import { expect, test } from "vitest";

import { openScanDirectory, readStamp } from "../../src/scan/scan-directory.ts";

function inDirectory(run: (path: string) => void): void {
  const path = mkdtempSync(join(tmpdir(), "upkeep-scan-"));
  try {
    run(path);
  } finally {
    rmSync(path, { recursive: true });
  }
}

test("lists directories and links to them by the identity of the directory, and passes over the rest", () => {
  inDirectory((root) => {
    const path = join(root, "service");
    for (const name of ["service/a b", "service/-x", "service/.hidden", "elsewhere"]) {
      mkdirSync(join(root, name), { recursive: true });
    }
    writeFileSync(join(path, "file"), "");
    symlinkSync("../elsewhere", join(path, "link"));
    symlinkSync("nowhere", join(path, "dangling"));
    symlinkSync("file", join(path, "link-to-file"));
    const directory = openScanDirectory(path);
    const listing = directory.list().toSorted((one, other) => (one.name < other.name ? -1 : 1));
    expect(listing).toEqual([
      { kind: "directory", name: "-x", identity: readStamp(join(path, "-x")).identity, place: join(path, "-x") },
      { kind: "directory", name: "a b", identity: readStamp(join(path, "a b")).identity, place: join(path, "a b") },
      { kind: "failed", name: "dangling", errno: errno.ENOENT },
      {
        kind: "directory",
        name: "link",
        identity: readStamp(join(root, "elsewhere")).identity,
        place: join(root, "elsewhere"),
      },
    ]);
    directory.close();
  });
});

test("stays the directory that it was, wherever that is moved", () => {
  inDirectory((root) => {
    const path = join(root, "service");
    mkdirSync(join(path, "a"), { recursive: true });
    const directory = openScanDirectory(path);
    renameSync(path, join(root, "moved"));
    expect(directory.list().map(({ name }) => name)).toEqual(["a"]);
    expect(directory.identityOf("a")).toBe(readStamp(join(root, "moved/a")).identity);
    mkdirSync(path);
    expect(readStamp(path).identity).not.toBe(directory.identity);
    directory.close();
  });
});

test("knows no identity of what is no directory", () => {
  inDirectory((path) => {
    writeFileSync(join(path, "file"), "");
    const directory = openScanDirectory(path);
    expect([directory.identityOf("file"), directory.identityOf("missing")]).toEqual([null, null]);
    directory.close();
  });
});

test("says in runit's words what is wrong with the directory", () => {
  inDirectory((root) => {
    const missing = join(root, "missing");
    expect(() => readStamp(missing)).toThrow(`unable to stat ${missing}: file does not exist`);
    expect(() => openScanDirectory(missing)).toThrow(`unable to open directory ${missing}: file does not exist`);
    const file = join(root, "file");
    writeFileSync(file, "");
    expect(() => readStamp(file)).toThrow(`unable to change directory to ${file}: not a directory`);
  });
});

test("a change of an entry shows in the stamp, the same directory keeps its identity", () => {
  inDirectory((path) => {
    const before = readStamp(path);
    chmodSync(path, 0o700);
    expect(readStamp(path)).toEqual(before);
    mkdirSync(join(path, "a"));
    const after = readStamp(path);
    expect(after.identity).toBe(before.identity);
    // The time stamp may lag behind by a tick: it is enough that it never goes back.
    expect(after.changed).toBeGreaterThanOrEqual(before.changed);
  });
});

test("gives its descriptor back", () => {
  inDirectory((path) => {
    for (let turn = 0; turn < 20; turn++) {
      const directory = openScanDirectory(path);
      directory.list();
      directory.close();
    }
    const targets = readdirSync("/proc/self/fd").map((fd) => readLinkOrNull(`/proc/self/fd/${fd}`));
    expect(targets.filter((target) => target?.startsWith(path))).toEqual([]);
  });
});

import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";

import { expect, test } from "vitest";

import { makeFifo } from "../../src/fd/fifo.ts";
import { checkDatabaseFile } from "../../src/users/database-file.ts";
import { tempDirectory } from "../helpers/temp.ts";

test("a file of users is a plain file of some size, a link to one, masked, or absent", () => {
  using directory = tempDirectory();
  const path = (name: string): string => directory.path(name);
  writeFileSync(path("plain"), "root:x:0:0::/:\n");
  symlinkSync("plain", path("link"));
  symlinkSync("/dev/null", path("masked"));
  symlinkSync("loop", path("loop"));
  for (const name of ["plain", "link", "masked", "loop", "absent"]) checkDatabaseFile(path(name));
  makeFifo(path("fifo"), 0o600);
  mkdirSync(path("directory"));
  symlinkSync("/dev/zero", path("zero"));
  for (const name of ["fifo", "directory", "zero"]) {
    expect(() => checkDatabaseFile(path(name))).toThrow(`unable to read ${path(name)}: not a regular file`);
  }
  writeFileSync(path("large"), "");
  truncateSync(path("large"), 2 ** 32);
  expect(() => checkDatabaseFile(path("large"))).toThrow(`unable to read ${path("large")}: file too big`);
});

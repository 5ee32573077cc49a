import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** Files that read or write whole files by path in a way of their own, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  "packages/logs/src/find/logger-process.ts": "reads /proc",
  "packages/my_init/src/environment/environment-files.ts": "writes a descriptor",
  "packages/my_init/src/processes/descendants.ts": "reads /proc",
  "packages/runsvdir/src/scan/entry-files.ts": "writes into the guard directory, which is its own",
  "packages/supervise/src/files/holder-file.ts": "reads /proc",
  "packages/svlogd/src/journal/found-logs.ts": "reads a log in the log directory that it holds the lock of",
  "packages/svlogd/src/journal/journal-file.ts": "reads /proc",
  "packages/svlogd/src/processor/compressor.ts": "reads and writes descriptors, no paths",
};

/** The packages that touch directories of others. `linux` has the one way itself, and otherwise reads /proc and /sys. */
const packages =
  "{chpst,client,lint,log-prefix,logs,my_init,runsv,runsvchdir,runsvdir,service-directory,supervise,sv,svlogd,web}";

/** What opens a path without the checks: whole files, and opening for reading by a word instead of flags. */
const unchecked =
  /\b(?:readFileSync|writeFileSync|appendFileSync|createReadStream|createWriteStream)\(|\bopenSync\((?!"\/dev\/null")[^;\n]*"[rwa]\+?"/;

test("files that others may have put there are read and replaced in one way", () => {
  const found = globSync(`packages/${packages}/src/**/*.ts`, { cwd: root })
    .filter((file) => unchecked.test(readFileSync(resolve(root, file), "utf8")))
    .toSorted();
  expect(found).toEqual(Object.keys(exceptions).toSorted());
});

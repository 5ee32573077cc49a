import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { atLeastOneFailure, type Tally } from "./tally.ts";

/** Runs tests with an empty directory for temporary files. What they leave there is told, removed, and a failure. */
export async function inEmptyTemporary(run: () => Promise<Tally>): Promise<Tally> {
  const before = process.env["TMPDIR"];
  const directory = mkdtempSync(join(tmpdir(), "upkeep-test-"));
  // As /tmp: some tests become another user.
  chmodSync(directory, 0o1777);
  process.env["TMPDIR"] = directory;
  try {
    const tally = await run();
    const left = readdirSync(directory);
    if (left.length > 0) console.log(`left in the temporary directory: ${left.join(", ")}`);
    return left.length > 0 ? atLeastOneFailure(tally) : tally;
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    rmSync(directory, { recursive: true, force: true });
  }
}

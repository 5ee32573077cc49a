import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Report } from "./runners.ts";
import { atLeastOneFailure } from "./tally.ts";

const inMemory = "/dev/shm";
/** Bytes: more than unit tests ever have there at the same time. */
const enough = 2 ** 30;

/** Found once: a run beside ours may have a directory of its own in the environment. */
const parent = process.env["TMPDIR"] === undefined && hasRoom(inMemory) ? inMemory : tmpdir();

/** In memory nobody waits for a disk, which loggers do that bring each file to it. */
function hasRoom(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= enough;
}

/** Gives tests an empty directory for temporary files. What they leave there is told, removed, and a failure. */
export async function withEmptyTemporary(run: (directory: string) => Promise<Report>): Promise<Report> {
  const directory = mkdtempSync(join(parent, "upkeep-test-"));
  // As /tmp: some tests become another user.
  chmodSync(directory, 0o1777);
  try {
    const { tally, output } = await run(directory);
    const left = readdirSync(directory);
    if (left.length === 0) return { tally, output };
    return {
      tally: atLeastOneFailure(tally),
      output: `${output}\nleft in the temporary directory: ${left.join(", ")}`,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

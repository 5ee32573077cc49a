import { execa } from "execa";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../core/files.ts";

/**
 * Runs a script of sh while no other one of this name runs, in whichever test process.
 *
 * @param name "release" for whatever fetches the runtimes, which must not happen twice at a time. @param words "$1" ...
 * @param zero "$0".
 */
export async function locked(name: string, script: string, words: readonly string[], zero = "sh"): Promise<void> {
  mkdirSync(cacheDirectory, { recursive: true });
  const lock = join(cacheDirectory, `${name}.lock`);
  await execa("flock", [lock, "sh", "-c", script, zero, ...words], { stdin: "ignore", timeout: 600_000 });
}

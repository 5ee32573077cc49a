/* A test's directories on the disk: for what is too large for memory, or must be linked instead of copied. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory as parent } from "./files.ts";
import { isAlive } from "../process/processes.ts";

/** A directory that is removed when the test's scope ends. */
export interface ScratchDirectory extends Disposable {
  readonly path: string;
}

/** Makes one, and removes those of killed test processes. */
export function scratchDirectory(): ScratchDirectory {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const owner = /^scratch-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const path = mkdtempSync(join(parent, `scratch-${process.pid}-`));
  // It may become the root of other users, too.
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

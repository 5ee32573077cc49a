import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { RenderedFile } from "@upkeep/import/core/model";
import { attempt } from "@upkeep/linux/core/errno";
import { bytesOfName, pathOfName } from "@upkeep/linux/core/name-text";
import { describeSelf, livingHolder } from "@upkeep/supervise/files/holder-file";

/** The files of one service. */
export interface LaidOut {
  readonly name: string;
  readonly files: readonly RenderedFile[];
}

/** What supervisors keep in a service directory. With it, those of this run adopt what a killed run has left. */
const state = ["supervise", "log/supervise"] as const;

/**
 * Makes the scan directory at `path`, in the place of what a run before has left there. Of that, the state of each service
 * that is there again is kept. The directory appears whole.
 */
export function layOut(path: string, services: readonly LaidOut[]): void {
  const fresh = `${path}.new`;
  attempt(`create ${path}`, () => {
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true, mode: 0o700 });
  });
  for (const { name, files } of services) {
    for (const { path: file, text, executable } of files) write(join(fresh, name, file), text, executable);
    for (const kept of state) {
      const old = join(path, name, kept);
      if (existsSync(pathOfName(old)))
        attempt(`rename ${old}`, () => renameSync(pathOfName(old), pathOfName(join(fresh, name, kept))));
    }
  }
  attempt(`create ${path}`, () => {
    rmSync(path, { recursive: true, force: true });
    renameSync(fresh, path);
  });
}

/** Has `path` lead to a scan directory that is there already. */
export function leadTo(path: string, scanDirectory: string): void {
  attempt(`create ${path}`, () => {
    rmSync(path, { recursive: true, force: true });
    symlinkSync(pathOfName(scanDirectory), path);
  });
}

/** The pid of the runsvdir that supervises it; null if none does, or the record of it cannot be read. */
export function holderOf(scanDirectory: string): number | null {
  try {
    return livingHolder(join(scanDirectory, ".runsvdir/holder.json"), describeSelf())?.pid ?? null;
  } catch {
    return null;
  }
}

function write(file: string, text: string, executable: boolean): void {
  attempt(`write ${file}`, () => {
    mkdirSync(pathOfName(dirname(file)), { recursive: true });
    writeFileSync(pathOfName(file), bytesOfName(text), { flag: "wx" });
    chmodSync(pathOfName(file), executable ? 0o755 : 0o644);
  });
}

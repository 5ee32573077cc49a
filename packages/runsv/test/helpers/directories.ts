import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { openServiceDirectory, type ServiceDirectory } from "@upkeep/service-directory/files/directory";

/** A real service directory below a temporary one. */
export interface RealDirectory {
  readonly path: string;
  readonly directory: ServiceDirectory;
  /** Writes an entry, with its mode, between two pieces of work. */
  write(entry: string, text: string, mode?: number): void;
  remove(entry: string): void;
}

/** Makes service directories that are removed with `remove`. */
export function makeDirectories(name: string): { readonly make: () => RealDirectory; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), `upkeep-${name}-`));
  let count = 0;
  const make = (): RealDirectory => {
    const path = join(root, String(count++));
    mkdirSync(path);
    return openDirectory(path);
  };
  return { make, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A service directory that is there already. */
export function openDirectory(path: string): RealDirectory {
  const directory = openServiceDirectory(path, "open");
  return {
    path,
    directory,
    write: (entry, text, mode = 0o755) => {
      mkdirSync(dirname(join(path, entry)), { recursive: true });
      writeFileSync(join(path, entry), text, { mode });
      directory.lookAnew();
    },
    remove: (entry) => {
      rmSync(join(path, entry), { recursive: true, force: true });
      directory.lookAnew();
    },
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of its own for a test, removed when the test's scope ends. */
export interface TempDirectory extends Disposable {
  path(name: string): string;
}

export function tempDirectory(): TempDirectory {
  const root = mkdtempSync(join(tmpdir(), "upkeep-unit-"));
  return {
    path: (name) => join(root, name),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory to work in; `remove` it after the test. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "svlogd-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

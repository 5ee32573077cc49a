import { rename } from "node:fs/promises";
import { join } from "node:path";

import { createServiceDirectory, makeOld, type Tree } from "../trial/tree.ts";
import type { Suite } from "./suite.ts";

/** What suites that watch a scan directory have in common. */
export const scanDirectorySuite: Pick<Suite, "layOut" | "prepare"> = {
  async layOut(tree, names) {
    for (const name of names) await createServiceDirectory(serviceDirectory(tree, name), tree.script(name));
    await makeOld(tree.scanDirectory);
  },
  async prepare(tree, name) {
    const prepared = join(tree.staging, name);
    await createServiceDirectory(prepared, tree.script(name));
    return () => rename(prepared, serviceDirectory(tree, name));
  },
};

/** Path of a service directory. */
export function serviceDirectory(tree: Tree, name: string): string {
  return join(tree.scanDirectory, name);
}

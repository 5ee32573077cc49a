import { accessSync, constants } from "node:fs";

import { node, runit, standalone } from "./runit.ts";
import { s6 } from "./s6.ts";
import type { Suite } from "./suite.ts";
import { supervisord } from "./supervisord.ts";

/** All suites, the one that ratios refer to first. */
export const allSuites: readonly Suite[] = [runit, standalone, node, s6, supervisord];

/** Tells which programs of a suite are missing. */
export function missingPrograms({ programs }: Suite): readonly string[] {
  return programs.filter((path) => !isExecutable(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

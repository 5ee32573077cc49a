import { node, runit, standalone } from "./runit.ts";
import { s6 } from "./s6.ts";
import type { Suite } from "./suite.ts";
import { supervisord } from "./supervisord.ts";

/** All suites, the one that ratios refer to first. */
export const allSuites: readonly Suite[] = [runit, standalone, node, s6, supervisord];

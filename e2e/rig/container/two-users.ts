/*
 * Root's processes, and a user who means them harm. Both live in a PID namespace of their own: `kill -KILL -1` of that
 * user would reach the other tests' processes of `nobody`.
 */
import { chownSync } from "node:fs";
import type { Need } from "../core/needs.ts";
import { program } from "../core/needs.ts";
import type { TestRig } from "../core/test-rig.ts";
import { nobody, root } from "../process/under.ts";
import { besideProcessOne, ownNamespaces } from "./namespaces.ts";

/** For a test's `needs`: root, namespaces, and setpriv. */
export const twoUsers: Need = root ?? ownNamespaces ?? program("setpriv", "util-linux");

/** Prefix that runs a command as `nobody`, without groups or capabilities, and without a way to get any. */
export const asNobody: readonly string[] = [
  "setpriv",
  `--reuid=${nobody}`,
  `--regid=${nobody}`,
  "--clear-groups",
  "--inh-caps=-all",
  "--bounding-set=-all",
  "--no-new-privs",
];

/** Prefix that runs root's command, and whatever it starts, in a PID namespace of its own. */
export const apart: readonly string[] = besideProcessOne;

/** Gives a directory to `nobody`, who then runs a script of sh in it, with `operands`. Throws if that fails. */
export async function asItsUser(
  rig: TestRig,
  directory: string,
  script: string,
  ...operands: readonly string[]
): Promise<void> {
  chownSync(directory, nobody, nobody);
  const done = await rig.run("sh", ["-ec", script, "sh", ...operands], { cwd: directory, under: asNobody });
  if (done.code !== 0 || done.stderr !== "") throw new Error(`${script}: ${done.code} ${done.stderr}`);
}

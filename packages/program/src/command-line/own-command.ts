import { realPathOrNull } from "@upkeep/linux/fd/files";

import { filesOfLauncher } from "../core/launcher.ts";

/**
 * Whether what a path leads to is our own program: a link to it, or a launcher that becomes it.
 *
 * @param own the file of the program, without links.
 */
export function leadsToUs(path: string, own: string): boolean {
  const real = realPathOrNull(path);
  return real === own || isLauncherOf(real, own);
}

/** Whether a path leads to a launcher that becomes our own program. */
export function isOurLauncher(path: string, own: string): boolean {
  return isLauncherOf(realPathOrNull(path), own);
}

function isLauncherOf(real: string | null, own: string): boolean {
  return real !== null && filesOfLauncher(real, own).some((file) => realPathOrNull(file) === own);
}

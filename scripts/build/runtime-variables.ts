import { readFile, writeFile } from "node:fs/promises";

/**
 * Variables by which whoever sets them makes the executable load a file, become Bun itself, listen for a debugger, or die
 * with its parent.
 */
const commanding = [
  "BUN_OPTIONS",
  "BUN_BE_BUN",
  "BUN_INSPECT",
  "BUN_INSPECT_PRELOAD",
  "BUN_INSPECT_CONNECT_TO",
  "BUN_FEATURE_FLAG_NO_ORPHANS",
] as const;

/**
 * Makes the runtime in an executable deaf to variables that command it: the name that it asks the environment for becomes
 * empty, and no variable has an empty name. Bun has no option for this.
 *
 * @param to where the changed executable is written. Throws where a name is not found exactly once, as another version of Bun may have it.
 */
export async function silenceRuntimeVariables(executable: string, to: string): Promise<void> {
  const bytes = await readFile(executable);
  for (const name of commanding) {
    const text = Buffer.from(`\0${name}\0`);
    const at = bytes.indexOf(text);
    if (at === -1 || bytes.includes(text, at + 1)) throw new Error(`${executable}: ${name} is not there once`);
    bytes[at + 1] = 0;
  }
  await writeFile(to, bytes, { mode: 0o755 });
}

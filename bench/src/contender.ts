import { accessSync, constants } from "node:fs";

/** One of those that are measured side by side. */
export interface Contender {
  /** Key of its samples. */
  readonly name: string;
  readonly title: string;
  /** Absolute paths of the programs that it needs. */
  readonly programs: readonly string[];
  /** The command that makes these available. */
  readonly hint: string;
  /** The Debian package that it comes from. */
  readonly package: string | null;
}

/** Tells which programs of a contender are missing. */
export function missingPrograms({ programs }: Contender): readonly string[] {
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

import { basename, dirname } from "node:path";

import { nameOf } from "@upkeep/linux/core/name-text";
import { lastArguments } from "@upkeep/linux/exec/arguments";

/** How a program was called. */
export interface Invocation {
  /** The base name it was called by. */
  readonly name: string;
  /** The name as it was typed. On Node, which does not tell, the base name. */
  readonly calledAs: string;
  /** Words that are not UTF-8 as `linux/core/name-text` has them. */
  readonly args: readonly string[];
}

/** Whether this process runs the stand-alone executable. */
export const isStandalone: boolean = import.meta.url.includes("/$bunfs/");

/** The file that this process executes: the stand-alone executable, or the script. */
export function ownFile(): string {
  return isStandalone ? "/proc/self/exe" : (process.argv[1] ?? "");
}

/** The directory of the suite's commands. The links of the stand-alone executable are beside it. */
export function commandsDirectory(): string {
  return dirname(isStandalone ? process.execPath : ownFile());
}

/**
 * Reads the command line of this process. In the stand-alone executable argv[0] names the command, which is the name of
 * the link; on Node the path of the script does.
 */
export function currentInvocation(): Invocation {
  const [, script = ""] = process.argv;
  const calledAs = isStandalone ? process.argv0 : basename(script, ".ts");
  return { name: basename(calledAs), calledAs, args: ownArguments(process.argv.slice(2)) };
}

/** The runtimes put U+FFFD in the place of bytes that are not UTF-8. */
function ownArguments(args: readonly string[]): readonly string[] {
  if (!args.some((word) => word.includes("\ufffd"))) return args;
  try {
    return lastArguments(args.length).map(nameOf);
  } catch {
    // Without /proc.
    return args;
  }
}

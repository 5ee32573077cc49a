import { basename, dirname } from "node:path";

/** How a program was called. */
export interface Invocation {
  /** The base name it was called by. */
  readonly name: string;
  /** The name as it was typed; on Node, which does not tell, the base name. */
  readonly calledAs: string;
  readonly args: readonly string[];
}

/** Whether this process runs the stand-alone executable. */
export const isStandalone: boolean = import.meta.url.includes("/$bunfs/");

/** The file that this process executes: the stand-alone executable, or the script. */
export function ownFile(): string {
  return isStandalone ? "/proc/self/exe" : (process.argv[1] ?? "");
}

/** Where the suite's commands are: the stand-alone executable has its links beside it. */
export function commandsDirectory(): string {
  return dirname(isStandalone ? process.execPath : ownFile());
}

/**
 * Reads the command line of this process. In the stand-alone executable argv[0] holds the link's
 * name; on Node it is the script's path that names the command.
 */
export function currentInvocation(): Invocation {
  const [, script = ""] = process.argv;
  const calledAs = isStandalone ? process.argv0 : basename(script, ".ts");
  return { name: basename(calledAs), calledAs, args: process.argv.slice(2) };
}

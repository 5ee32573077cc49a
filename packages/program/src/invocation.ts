import { basename } from "node:path";

/** How a program was called. */
export interface Invocation {
  /** The base name it was called by. */
  readonly name: string;
  /** The name as it was typed; on Node, which does not tell, the base name. */
  readonly calledAs: string;
  readonly args: readonly string[];
}

/**
 * Reads the command line of this process. In the stand-alone executable argv[0] holds the link's
 * name; on Node it is the script's path that names the command.
 */
export function currentInvocation(): Invocation {
  const [, script = ""] = process.argv;
  const isStandalone = import.meta.url.includes("/$bunfs/");
  const calledAs = isStandalone ? process.argv0 : basename(script, ".ts");
  return { name: basename(calledAs), calledAs, args: process.argv.slice(2) };
}

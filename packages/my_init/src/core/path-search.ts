import { errno } from "@upkeep/linux/core/errno";

/** Where a command is looked for when PATH is not set, as by execvp(3). */
const defaultPath = "/bin:/usr/bin";

/** The files that a command can be, in the order of PATH; an empty part is the working directory. */
export function candidates(command: string, path: string | undefined): readonly string[] {
  if (command.includes("/")) return [command];
  if (command === "") return [];
  return (path ?? defaultPath).split(":").map((directory) => (directory === "" ? command : `${directory}/${command}`));
}

/** Whether the next candidate is to be tried after this failure. */
export function goesOn(failed: number): boolean {
  return failed === errno.ENOENT || failed === errno.ENOTDIR || failed === errno.EACCES;
}

/** The exit code that stands for a command that could not be started, as in a shell. */
export function codeOfFailure(failed: number): number {
  return failed === errno.ENOENT || failed === errno.ENOTDIR ? 127 : 126;
}

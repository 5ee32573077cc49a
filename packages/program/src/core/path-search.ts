import { errno } from "@upkeep/linux/core/errno";

/** How two searches of PATH differ. */
export interface SearchRules {
  /** What stands before the name for an empty part of PATH, which means the working directory. */
  readonly emptyPart: "" | "./";
  /** Whether an empty name is looked for. */
  readonly seeksEmptyName: boolean;
  /** The search goes on after these failures to execute a file. */
  readonly passedOver: readonly number[];
  /** Which of several failures is the result, apart from ENOENT. */
  readonly tells: "first" | "last";
}

/** As runit's programs search. */
export const runitSearch: SearchRules = {
  emptyPart: "./",
  seeksEmptyName: true,
  passedOver: [errno.ENOENT, errno.EACCES, errno.EPERM, errno.EISDIR],
  tells: "last",
};

/** As execvp(3) searches. */
export const execvpSearch: SearchRules = {
  emptyPart: "",
  seeksEmptyName: false,
  passedOver: [errno.ENOENT, errno.ENOTDIR, errno.EACCES],
  tells: "first",
};

/** Where a program is looked for when PATH is not set. */
const defaultPath = "/bin:/usr/bin";

/**
 * The files that a program's name may mean, in the order of PATH; a name with a slash is a path itself.
 *
 * @param path null when it is not set.
 */
export function candidates(rules: SearchRules, program: string, path: string | null): readonly string[] {
  if (program.includes("/")) return [program];
  if (program === "" && !rules.seeksEmptyName) return [];
  return (path ?? defaultPath).split(":").map((part) => `${part === "" ? rules.emptyPart : `${part}/`}${program}`);
}

/**
 * Tries one file after the other.
 *
 * @param attempt returns the errno of its failure, otherwise 0 or not at all.
 * @returns the errno to tell; 0 when an attempt returned it.
 */
export function search<T>(rules: SearchRules, files: readonly T[], attempt: (file: T) => number): number {
  let told: number = errno.ENOENT;
  for (const file of files) {
    const failed = attempt(file);
    if (!rules.passedOver.includes(failed)) return failed;
    if (failed !== errno.ENOENT && (told === errno.ENOENT || rules.tells === "last")) told = failed;
  }
  return told;
}

/** The exit code that stands for a program that could not be started, as in a shell. */
export function codeOfFailure(failed: number): number {
  return failed === errno.ENOENT || failed === errno.ENOTDIR ? 127 : 126;
}

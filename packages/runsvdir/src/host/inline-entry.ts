import { isThereAt, pathBytes } from "@upkeep/linux/fd/at";
import { isThere } from "@upkeep/linux/fd/files";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";

/** Files of a service directory, and of its log, that ask for something of the process of a runsv. */
const asking = ["no-setsid", "flag-kill-orphans", "log/no-setsid"] as const;

/** What decides how a service is started. */
export interface EntryFacts {
  /** Whether it needs a runsv of its own: in a process of many, it cannot have what it asks for. */
  readonly needsProcess: boolean;
  /** How many descriptors its engine opens at most. */
  readonly descriptors: number;
}

/** Descriptors of an engine: for the service, and for its log service as well; and what standard error takes that passes through. */
const most = { alone: 6, withLog: 10, forErrors: 4 };

/** The same in every service directory. */
const paths = {
  asking: asking.map(pathBytes),
  log: pathBytes("log"),
  keepStderr: pathBytes("flag-keep-stderr"),
} as const;

/** Looks at a service directory by its descriptor; where there is none, the engine finds out at its first start. */
export function lookAtEntry(directory: number | null): EntryFacts {
  const has = (path: Uint8Array): boolean => directory !== null && isThereAt(directory, path);
  return {
    needsProcess: paths.asking.some(has),
    descriptors: (has(paths.log) ? most.withLog : most.alone) + (has(paths.keepStderr) ? most.forErrors : 0),
  };
}

/** Whether a service asks for a runsv of its own. */
export function asks(directory: Pick<ServiceDirectory, "mayHave" | "path">): boolean {
  return asking.some((entry) => {
    const [listed = entry] = entry.split("/");
    return directory.mayHave(listed) && isThere(directory.path(entry));
  });
}

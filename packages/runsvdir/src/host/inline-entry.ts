import { isThere } from "@upkeep/linux/fd/files";
import { inReach } from "@upkeep/linux/fd/reach";
import { namesIn, type ServiceDirectory } from "@upkeep/service-directory/files/directory";

/** Files of a service directory, and of its log, that ask for something of the process of a runsv. */
const asking = ["no-setsid", "flag-kill-orphans"] as const;

/** What decides how a service is started. */
export interface EntryFacts {
  /** Whether it needs a runsv of its own: in a process of many, it cannot have what it asks for. */
  readonly needsProcess: boolean;
  /** How many descriptors its engine opens at most. */
  readonly descriptors: number;
}

/** Descriptors of an engine: for the service, and for its log service as well; and what standard error takes that passes through. */
const most = { alone: 6, withLog: 10, forErrors: 4 };

/** Looks at a service directory. */
export function lookAtEntry(path: string): EntryFacts {
  return inReach(path, (own) => {
    const names = namesIn(own);
    const mayHave = (entry: string): boolean => names === null || names.has(entry);
    const hasLog = mayHave("log") && isThere(`${own}/log`);
    return {
      needsProcess: asks({ mayHave, path: (entry) => `${own}/${entry}` }),
      descriptors: (hasLog ? most.withLog : most.alone) + (mayHave("flag-keep-stderr") ? most.forErrors : 0),
    };
  });
}

/** Whether a service asks for a runsv of its own. */
export function asks(directory: Pick<ServiceDirectory, "mayHave" | "path">): boolean {
  const has = (entry: string, name = entry): boolean => directory.mayHave(name) && isThere(directory.path(entry));
  return asking.some((entry) => has(entry)) || has("log/no-setsid", "log");
}

import { inReach } from "@upkeep/linux/fd/reach";
import { isThere } from "@upkeep/linux/fd/files";

/** Files of a service directory, and of its log, that ask for something of the process of a runsv. */
const asking = ["no-setsid", "flag-kill-orphans", "log/no-setsid"];

/** Whether a service needs a runsv of its own: in a process of many, it cannot have what it asks for. */
export function needsProcess(path: string): boolean {
  return inReach(path, (own) => asking.some((entry) => isThere(`${own}/${entry}`)));
}

/** Descriptors of an engine: for the service, and for its log service as well. */
const most = { alone: 6, withLog: 10 };

/** How many descriptors the engine of a service opens at most. */
export function descriptorsOf(path: string): number {
  return inReach(path, (own) => (isThere(`${own}/log`) ? most.withLog : most.alone));
}

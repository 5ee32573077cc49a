import { errno } from "@upkeep/linux/core/errno";

/**
 * What makes two names the same service: device and inode of the directory they lead to, as in
 * runit. So a renamed entry keeps its runsv, and a link to another directory is another service.
 */
export type Identity = string;

/** One name of the scan directory and what it leads to. Names that lead to plain files are left out. */
export type Listed =
  | { readonly kind: "directory"; readonly name: string; readonly identity: Identity }
  | { readonly kind: "failed"; readonly name: string; readonly errno: number };

/** A service directory by its name in the scan directory. */
export interface Entry {
  readonly name: string;
  readonly identity: Identity;
}

/** What earlier scans found. */
export interface Table {
  /** The name of each service. */
  readonly services: ReadonlyMap<Identity, string>;
  /** The names that could not be looked at, and why. */
  readonly failed: ReadonlyMap<string, number>;
}

/** What a listing means for what runs. Every identity of the table is in `stop` or in `keep`, once. */
export interface Plan {
  readonly start: readonly Entry[];
  readonly stop: readonly Identity[];
  /** With the name that the service has now. */
  readonly keep: readonly Entry[];
  /** Names that could not be looked at, where this is news. */
  readonly warn: readonly { readonly name: string; readonly errno: number }[];
  readonly failed: ReadonlyMap<string, number>;
}

/** Answers that leave no doubt: the name leads nowhere, and its service is gone. */
const certain: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG]);

/** Whether a name may be a service; runsvdir passes over the others without looking at them. */
export function isServiceName(name: string): boolean {
  return !name.startsWith(".");
}

/** Compares a complete listing, in any order, with what was there before. */
export function planScan(previous: Table, listing: readonly Listed[]): Plan {
  const found = new Map<Identity, string[]>();
  const failed = new Map<string, number>();
  for (const entry of listing) {
    if (entry.kind === "failed") failed.set(entry.name, entry.errno);
    else found.set(entry.identity, [...(found.get(entry.identity) ?? []), entry.name]);
  }
  const start: Entry[] = [];
  const stop: Identity[] = [];
  const keep: Entry[] = [];
  for (const [identity, before] of previous.services) {
    const names = found.get(identity);
    if (names !== undefined) keep.push({ identity, name: nameOf(names, before) });
    else if (isInDoubt(failed.get(before))) keep.push({ identity, name: before });
    else stop.push(identity);
  }
  for (const [identity, names] of found) {
    if (!previous.services.has(identity)) start.push({ identity, name: nameOf(names, null) });
  }
  start.sort((one, other) => (one.name < other.name ? -1 : 1));
  const warn = [...failed]
    .filter(([name, number]) => previous.failed.get(name) !== number)
    .map(([name, number]) => ({ name, errno: number }));
  return { start, stop, keep, warn, failed };
}

/** Of several links to one directory the name in use stays; else the first one by its characters. */
function nameOf(names: readonly string[], before: string | null): string {
  if (before !== null && names.includes(before)) return before;
  return names.reduce((first, name) => (name < first ? name : first));
}

/** Whether a service may still be there behind a name that cannot be looked at: out of memory, access denied ... */
function isInDoubt(number: number | undefined): boolean {
  return number !== undefined && !certain.has(number);
}

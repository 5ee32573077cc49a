import { errno } from "@upkeep/linux/core/errno";

/**
 * Device and inode of the directory that a name leads to. As in runit, names with the same identity are the same
 * service. So a renamed entry keeps its runsv, and a link to another directory is another service.
 */
export type Identity = string;

/**
 * A name in the scan directory and what it leads to. Names of plain files are left out. `place`: the path of the directory
 * without links, which tells a directory that was made anew from a link that leads elsewhere.
 */
export type Listed =
  | { readonly kind: "directory"; readonly name: string; readonly identity: Identity; readonly place: string }
  | { readonly kind: "failed"; readonly name: string; readonly errno: number };

/** A service directory by its name in the scan directory. */
export interface Entry {
  readonly name: string;
  readonly identity: Identity;
}

/** What the scans before found. */
export interface Table {
  /** The name of each service. */
  readonly services: ReadonlyMap<Identity, string>;
  /** The names that could not be examined, with the errno of each. */
  readonly failed: ReadonlyMap<string, number>;
}

/** What a listing changes. Each identity of the table is in `stop` or in `keep`, once. */
export interface Plan {
  readonly start: readonly Entry[];
  readonly stop: readonly Identity[];
  /** Each with the name that the service has now. */
  readonly keep: readonly Entry[];
  /** Names that could not be examined, for a reason that is new. */
  readonly warn: readonly { readonly name: string; readonly errno: number }[];
  readonly failed: ReadonlyMap<string, number>;
  /** The place of each directory that was found. */
  readonly places: ReadonlyMap<Identity, string>;
}

/** With these errnos the name certainly leads nowhere, and its service is gone. */
const certain: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG]);

/** Whether a name may be a service. runsvdir ignores the others. */
export function isServiceName(name: string): boolean {
  return !name.startsWith(".");
}

/** Compares a complete listing, in any order, with the table. */
export function planScan(previous: Table, listing: readonly Listed[]): Plan {
  const found = new Map<Identity, string[]>();
  const failed = new Map<string, number>();
  const places = new Map<Identity, string>();
  for (const entry of listing) {
    if (entry.kind === "failed") {
      failed.set(entry.name, entry.errno);
      continue;
    }
    found.set(entry.identity, [...(found.get(entry.identity) ?? []), entry.name]);
    places.set(entry.identity, entry.place);
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
  return { start, stop, keep, warn, failed, places };
}

/** Of several links to one directory the name in use stays; otherwise the alphabetically first one is taken. */
function nameOf(names: readonly string[], before: string | null): string {
  if (before !== null && names.includes(before)) return before;
  return names.reduce((first, name) => (name < first ? name : first));
}

/** Whether a service may still be there though its name cannot be examined: out of memory, access denied ... */
function isInDoubt(number: number | undefined): boolean {
  return number !== undefined && !certain.has(number);
}

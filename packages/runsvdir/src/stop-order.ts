/** The names that each service depends on, by its own name. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/** A service that still runs, and whether it has been told to stop. */
export interface Living {
  readonly name: string;
  readonly isTold: boolean;
}

/**
 * The services to be told next: those on which nobody depends who is still there. Services that depend on each other
 * in a circle do not wait for each other.
 */
export function nextToStop(living: readonly Living[], needs: Needs): ReadonlySet<string> {
  const alive = new Set(living.map(({ name }) => name));
  const needsOf = (name: string): readonly string[] => (needs.get(name) ?? []).filter((need) => alive.has(need));
  const dependants = new Map<string, string[]>();
  for (const name of alive) for (const need of needsOf(name)) addTo(dependants, need, name);
  const isFree = (name: string): boolean => {
    if (!dependants.has(name)) return true;
    const below = reach(name, needsOf);
    const above = reach(name, (at) => dependants.get(at) ?? []);
    return [...above].every((dependant) => below.has(dependant));
  };
  return new Set(living.filter(({ name, isTold }) => !isTold && isFree(name)).map(({ name }) => name));
}

function addTo(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** All that can be reached from a name, itself included. */
function reach(from: string, next: (name: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set([from]);
  for (const name of seen) for (const other of next(name)) seen.add(other);
  return seen;
}

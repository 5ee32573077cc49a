/** What is known of a service that another one depends on. */
export type Found = "satisfied" | "unsatisfied" | "missing";

/** The services around one, as far as somebody has to look at them. */
export interface Neighbours {
  readonly find: (name: string) => Found;
  /** The names a service depends on. */
  readonly needsOf: (name: string) => readonly string[];
}

/** Which dependencies a service still waits for, and why that cannot get better by itself; null: it can. */
export interface Waiting {
  readonly names: readonly string[];
  readonly problem: string | null;
}

/** Looks at the dependencies of the service `name`, in the order of their names. */
export function findWaiting(name: string, { find, needsOf }: Neighbours): Waiting {
  const needs = needsOf(name).toSorted();
  const found = needs.map((need) => ({ need, is: need === name ? "unsatisfied" : find(need) }));
  const names = found.filter(({ is }) => is !== "satisfied").map(({ need }) => need);
  if (names.length === 0) return { names, problem: null };
  const cycle = findCycle(name, needs, { find, needsOf });
  if (cycle !== null) return { names, problem: `dependency cycle: ${cycle.join(", ")}` };
  const missing = found.filter(({ is }) => is === "missing").map(({ need }) => need);
  if (missing.length === 0) return { names, problem: null };
  const quoted = missing.map((need) => `"${need}"`).join(", ");
  const verb = missing.length === 1 ? "dependency X does" : "dependencies X do";
  return { names, problem: `${verb.replace("X", quoted)} not exist` };
}

/** A way from a service back to itself, along those that are not satisfied; the first and the last are the same. */
function findCycle(name: string, needs: readonly string[], { find, needsOf }: Neighbours): readonly string[] | null {
  const cameFrom = new Map<string, string>(needs.map((need) => [need, name]));
  const queue = [...needs];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next === name) return wayTo(name, cameFrom);
    if (find(next) !== "unsatisfied") continue;
    for (const need of needsOf(next)) {
      if (cameFrom.has(need)) continue;
      cameFrom.set(need, next);
      queue.push(need);
    }
  }
  return null;
}

function wayTo(name: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [name];
  for (let at = cameFrom.get(name); at !== undefined && at !== name; at = cameFrom.get(at)) way.unshift(at);
  return [name, ...way];
}

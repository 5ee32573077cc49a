import { unsatisfied, type Judgement } from "./dependency-state.ts";

/** The services around one, as far as somebody has to look at them. */
export interface Neighbours {
  readonly find: (name: string) => Judgement;
  /** The names a service depends on. */
  readonly needsOf: (name: string) => readonly string[];
}

/** Which dependencies a service still waits for. */
export interface Waiting {
  readonly names: readonly string[];
  /** Why that cannot get better by itself; null: it can. */
  readonly problem: string | null;
  /** What else is worth to know of them. */
  readonly note: string | null;
}

/** Looks at the dependencies of the service `name`, in the order of their names. */
export function findWaiting(name: string, { find, needsOf }: Neighbours): Waiting {
  const needs = needsOf(name).toSorted();
  const found = needs.map((need) => ({ need, is: need === name ? unsatisfied : find(need) }));
  const names = found.filter(({ is }) => is.kind !== "satisfied").map(({ need }) => need);
  if (names.length === 0) return { names, problem: null, note: null };
  const cycle = findCycle(name, needs, { find, needsOf });
  const missing = found.filter(({ is }) => is.kind === "missing").map(({ need }) => need);
  const problems = [
    ...(cycle === null ? [] : [`dependency cycle: ${cycle.join(", ")}`]),
    ...(missing.length === 0 ? [] : [describeMissing(missing)]),
    ...found.flatMap(({ need, is }) =>
      is.kind === "unsatisfied" && is.problem !== null ? [`${need} ${is.problem}`] : [],
    ),
  ];
  const notes = found.flatMap(({ need, is }) =>
    is.kind === "unsatisfied" && is.note !== null ? [`${need} ${is.note}`] : [],
  );
  return { names, problem: joined(problems), note: joined(notes) };
}

function describeMissing(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`).join(", ");
  return names.length === 1 ? `dependency ${quoted} does not exist` : `dependencies ${quoted} do not exist`;
}

/** What is said of several in one line; null of none. */
function joined(parts: readonly string[]): string | null {
  return parts.length === 0 ? null : parts.join("; ");
}

/** A way from a service back to itself, along those that are not satisfied; the first and the last are the same. */
function findCycle(name: string, needs: readonly string[], { find, needsOf }: Neighbours): readonly string[] | null {
  const cameFrom = new Map<string, string>(needs.map((need) => [need, name]));
  const queue = [...needs];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next === name) return wayTo(name, cameFrom);
    if (find(next).kind !== "unsatisfied") continue;
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

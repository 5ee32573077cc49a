import { unsatisfied, type DependencyState } from "./dependency-state.ts";

/** The services of a scan directory, each found out about when it is asked for. */
export interface Siblings {
  readonly stateOf: (name: string) => DependencyState;
  /** The names of the services that a service depends on. */
  readonly needsOf: (name: string) => readonly string[];
}

/** Which dependencies a service still waits for. */
export interface Waiting {
  readonly names: readonly string[];
  /** Why they will not be satisfied by themselves; null: they may be. */
  readonly problem: string | null;
  /** What else an operator should know about them. */
  readonly note: string | null;
}

/** Finds the dependencies of the service `name` that are not satisfied, in the order of their names. */
export function findWaiting(name: string, { stateOf, needsOf }: Siblings): Waiting {
  const needs = needsOf(name).toSorted();
  const found = needs.map((need) => ({ need, is: need === name ? unsatisfied : stateOf(need) }));
  const names = found.filter(({ is }) => is.kind !== "satisfied").map(({ need }) => need);
  if (names.length === 0) return { names, problem: null, note: null };
  const cycle = findCycle(name, needs, { stateOf, needsOf });
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

/** Several texts as one line; null where there is none. */
function joined(parts: readonly string[]): string | null {
  return parts.length === 0 ? null : parts.join("; ");
}

/** A path from a service back to itself along unsatisfied dependencies; its first and last name are the same. */
function findCycle(name: string, needs: readonly string[], { stateOf, needsOf }: Siblings): readonly string[] | null {
  const cameFrom = new Map<string, string>(needs.map((need) => [need, name]));
  const queue = [...needs];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next === name) return pathTo(name, cameFrom);
    if (stateOf(next).kind !== "unsatisfied") continue;
    for (const need of needsOf(next)) {
      if (cameFrom.has(need)) continue;
      cameFrom.set(need, next);
      queue.push(need);
    }
  }
  return null;
}

function pathTo(name: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path = [name];
  for (let at = cameFrom.get(name); at !== undefined && at !== name; at = cameFrom.get(at)) path.unshift(at);
  return [name, ...path];
}

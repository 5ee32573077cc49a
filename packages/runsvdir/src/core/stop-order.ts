import { findCircles } from "./circles.ts";

/** The names that each service depends on, by its own name. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/** A service that still runs, and whether it has been told to stop. */
export interface Living {
  readonly name: string;
  readonly isTold: boolean;
}

/**
 * The services to be told next: those on which nobody depends who is still there. Services that depend on each other
 * in a circle do not wait for each other. Takes time in proportion to the services and their dependencies.
 */
export function nextToStop(living: readonly Living[], needs: Needs): ReadonlySet<string> {
  const alive = new Set(living.map(({ name }) => name));
  const needsOf = (name: string): readonly string[] => (needs.get(name) ?? []).filter((need) => alive.has(need));
  const circles = findCircles(alive, needsOf);
  /** The circles on which somebody outside depends. */
  const held = new Set<number | undefined>();
  for (const name of alive) {
    for (const need of needsOf(name)) if (circles.get(need) !== circles.get(name)) held.add(circles.get(need));
  }
  return new Set(living.filter(({ name, isTold }) => !isTold && !held.has(circles.get(name))).map(({ name }) => name));
}

import { findCircles } from "./circles.ts";

/** The names that each service depends on, by its own name. */
export type Needs = ReadonlyMap<string, readonly string[]>;

export interface RunningService {
  readonly name: string;
  /** Whether it has been asked to stop. */
  readonly isStopping: boolean;
}

/**
 * The services to be stopped next: no running service depends on them. Services that depend on each other in a circle
 * do not wait for each other. Takes time in proportion to the services and their dependencies.
 */
export function nextToStop(running: readonly RunningService[], needs: Needs): ReadonlySet<string> {
  const names = new Set(running.map(({ name }) => name));
  const needsOf = (name: string): readonly string[] => (needs.get(name) ?? []).filter((need) => names.has(need));
  const circles = findCircles(names, needsOf);
  /** The circles on which a service outside of them depends. */
  const held = new Set<number | undefined>();
  for (const name of names) {
    for (const need of needsOf(name)) if (circles.get(need) !== circles.get(name)) held.add(circles.get(need));
  }
  const next = running.filter(({ name, isStopping }) => !isStopping && !held.has(circles.get(name)));
  return new Set(next.map(({ name }) => name));
}

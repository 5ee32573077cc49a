/**
 * Finds the circles of a graph. Names in one circle, where each leads to each, get the same number; a name in no circle
 * gets a number of its own.
 *
 * Source: R. Tarjan, "Depth-first search and linear graph algorithms", 1972. Without recursion, because a chain may be
 * longer than the stack is deep. Takes time in proportion to the names and the steps between them.
 *
 * @param next the names to which one step leads from a name.
 */
export function findCircles(
  names: Iterable<string>,
  next: (name: string) => readonly string[],
): ReadonlyMap<string, number> {
  const circles = new Map<string, number>();
  /** The order in which the names were reached. */
  const reached = new Map<string, number>();
  /** For each name the earliest one in its circle, as far as is known. */
  const earliest = new Map<string, number>();
  /** The names that were reached and are in no circle yet. */
  const open: string[] = [];
  const path: { readonly name: string; readonly steps: Iterator<string> }[] = [];

  const enter = (name: string): void => {
    const count = reached.size;
    reached.set(name, count);
    earliest.set(name, count);
    open.push(name);
    path.push({ name, steps: next(name)[Symbol.iterator]() });
  };

  const lower = (name: string, other: number): void => {
    earliest.set(name, Math.min(earliest.get(name) ?? other, other));
  };

  const leave = (name: string): void => {
    path.pop();
    const first = earliest.get(name) ?? 0;
    const before = path.at(-1);
    if (before !== undefined) lower(before.name, first);
    if (first !== reached.get(name)) return;
    for (const member of open.splice(open.lastIndexOf(name))) circles.set(member, first);
  };

  for (const root of names) {
    if (!reached.has(root)) enter(root);
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const step = at.steps.next();
      if (step.done === true) {
        leave(at.name);
        continue;
      }
      const seen = reached.get(step.value);
      if (seen === undefined) enter(step.value);
      else if (!circles.has(step.value)) lower(at.name, seen);
    }
  }
  return circles;
}

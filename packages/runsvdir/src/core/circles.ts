/**
 * Which names belong together because each can be reached from the other: those with the same number. A name in no
 * circle has one of its own.
 *
 * Source: R. Tarjan, "Depth-first search and linear graph algorithms", 1972; without recursion, which a long chain
 * would be too deep for. Takes time in proportion to the names and the steps between them.
 *
 * @param next where one step leads from a name; to these names only.
 */
export function findCircles(
  names: Iterable<string>,
  next: (name: string) => readonly string[],
): ReadonlyMap<string, number> {
  const circles = new Map<string, number>();
  /** When each was come to, and when the earliest was that is known to be reached from it and to lead to it. */
  const come = new Map<string, number>();
  const earliest = new Map<string, number>();
  /** Come to, and not yet in a circle. */
  const open: string[] = [];
  const way: { readonly name: string; readonly steps: Iterator<string> }[] = [];

  const enter = (name: string): void => {
    const count = come.size;
    come.set(name, count);
    earliest.set(name, count);
    open.push(name);
    way.push({ name, steps: next(name)[Symbol.iterator]() });
  };

  const lower = (name: string, other: number): void => {
    earliest.set(name, Math.min(earliest.get(name) ?? other, other));
  };

  const leave = (name: string): void => {
    way.pop();
    const first = earliest.get(name) ?? 0;
    const before = way.at(-1);
    if (before !== undefined) lower(before.name, first);
    if (first !== come.get(name)) return;
    for (const member of open.splice(open.lastIndexOf(name))) circles.set(member, first);
  };

  for (const root of names) {
    if (!come.has(root)) enter(root);
    for (let at = way.at(-1); at !== undefined; at = way.at(-1)) {
      const step = at.steps.next();
      if (step.done === true) {
        leave(at.name);
        continue;
      }
      const seen = come.get(step.value);
      if (seen === undefined) enter(step.value);
      else if (!circles.has(step.value)) lower(at.name, seen);
    }
  }
  return circles;
}

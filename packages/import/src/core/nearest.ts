import leven from "leven";

/** The known name that was probably meant: at most a third of its characters differ. */
export function nearest(name: string, known: readonly string[]): string | null {
  const ranked = known
    .map((each) => ({ each, distance: leven(name, each) }))
    .toSorted((left, right) => left.distance - right.distance);
  const [best] = ranked;
  return best !== undefined && best.distance * 3 <= best.each.length ? best.each : null;
}

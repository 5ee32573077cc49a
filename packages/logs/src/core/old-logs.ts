/** A log that is complete: what loggers have made of `current`. */
export interface OldLog {
  /** The name without its ending: `@` and 24 hexadecimal digits, when it was rotated. */
  readonly label: string;
  /** The files that hold it, the best first: `.s` is processed, `.u` is not yet, and goes when `.s` is there. */
  readonly files: readonly string[];
}

/** What a log directory holds, in the order in which it was written. */
export interface LogNames {
  readonly old: readonly OldLog[];
  /** s6-log and multilog call a log so while their processor works on it. */
  readonly hasPrevious: boolean;
  readonly hasCurrent: boolean;
}

/** Sorts the names in a log directory. `.t` is a log that a processor is still writing, and does not count. */
export function sortLogNames(names: readonly string[]): LogNames {
  const files = new Map<string, string[]>();
  for (const name of names) {
    const found = /^(@[0-9a-f]{24})\.[su](?:\.(?:gz|zst))?$/.exec(name);
    const label = found?.[1];
    if (label !== undefined) files.set(label, [...(files.get(label) ?? []), name]);
  }
  const old = [...files.keys()].toSorted().map((label) => ({ label, files: (files.get(label) ?? []).toSorted() }));
  return { old, hasPrevious: names.includes("previous"), hasCurrent: names.includes("current") };
}

/**
 * What two listings, one right after the other, tell of a directory in which a processor works. A name that comes while the
 * directory is read, in the place of one that goes, may both be missed; but hardly in both listings.
 */
export function unite(first: LogNames, second: LogNames): LogNames {
  const labels = new Set(second.old.map(({ label }) => label));
  const missed = first.old.filter(({ label }) => !labels.has(label));
  if (missed.length === 0) return second;
  const old = [...second.old, ...missed].toSorted((one, other) => (one.label < other.label ? -1 : 1));
  return { ...second, old };
}

/** One of the logs that were written one after the other. */
export interface Generation {
  /** `current`, `previous`, or the label of an old log. */
  readonly name: string;
  readonly files: readonly string[];
}

/** The logs that came after the known ones, the oldest first. */
export function generationsAfter(known: ReadonlySet<string>, { old, hasPrevious, hasCurrent }: LogNames): Generation[] {
  return [
    ...old.filter(({ label }) => !known.has(label)).map(({ label, files }) => ({ name: label, files })),
    ...(hasPrevious ? [{ name: "previous", files: ["previous"] } as const] : []),
    ...(hasCurrent ? [{ name: "current", files: ["current"] } as const] : []),
  ];
}

/** Whether nothing was rotated, processed or removed between two listings. */
export function isSameListing(one: LogNames, other: LogNames): boolean {
  return (
    one.hasPrevious === other.hasPrevious &&
    one.old.length === other.old.length &&
    one.old.every(({ files }, index) => other.old[index]?.files.join() === files.join())
  );
}

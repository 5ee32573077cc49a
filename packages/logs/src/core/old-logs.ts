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
  /**
   * The log that the processor of s6-log or multilog works on. It is called `previous`; when that is removed, just before the
   * result gets its last name, `processed` holds it alone.
   */
  readonly previous: "previous" | "processed" | null;
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
  const previous = (["previous", "processed"] as const).find((name) => names.includes(name)) ?? null;
  return { old, previous, hasCurrent: names.includes("current") };
}

/** One of the logs that were written one after the other. */
export interface Generation {
  /** `current`, `previous`, or the label of an old log. */
  readonly name: string;
  readonly files: readonly string[];
}

/** The logs that came after the known ones, the oldest first. */
export function generationsAfter(known: ReadonlySet<string>, { old, previous, hasCurrent }: LogNames): Generation[] {
  return [
    ...old.filter(({ label }) => !known.has(label)).map(({ label, files }) => ({ name: label, files })),
    ...(previous === null ? [] : [{ name: "previous", files: [previous] }]),
    ...(hasCurrent ? [{ name: "current", files: ["current"] } as const] : []),
  ];
}

/** Whether nothing was rotated, processed, removed or missed between two listings. */
export function isSameListing(one: LogNames, other: LogNames): boolean {
  return (
    one.previous === other.previous &&
    one.hasCurrent === other.hasCurrent &&
    one.old.length === other.old.length &&
    one.old.every(({ files }, index) => other.old[index]?.files.join() === files.join())
  );
}

/** One of the logs that are written one after the other. */
export interface Generation {
  /** `current`, `previous`, or the label of an old log: `@` and 24 hexadecimal digits, when it was rotated. */
  readonly name: string;
  /** The files that hold it, the best first: `.s` is processed, `.u` is not yet, and goes when `.s` is there. */
  readonly files: readonly string[];
}

/** What a log directory holds, in the order in which it was written. */
export interface LogNames {
  /** The logs that are complete: what loggers have made of `current`. */
  readonly old: readonly Generation[];
  /**
   * The log that the processor of s6-log or multilog works on. It is called `previous`; when that is removed, just before the
   * result gets its last name, `processed` holds it alone.
   */
  readonly previous: "previous" | "processed" | null;
  readonly hasCurrent: boolean;
}

const labelLength = 25;
const oldName = /^@[0-9a-f]{24}\.[su](?:\.(?:gz|zst))?$/;

/** Sorts the names in a log directory. `.t` is a log that a processor is still writing, and does not count. */
export function sortLogNames(names: readonly string[]): LogNames {
  const old: { readonly name: string; readonly files: string[] }[] = [];
  // Sorted, the files of a log are side by side.
  for (const file of names.filter((name) => oldName.test(name)).toSorted()) {
    const name = file.slice(0, labelLength);
    const last = old.at(-1);
    if (last?.name === name) last.files.push(file);
    else old.push({ name, files: [file] });
  }
  const previous = (["previous", "processed"] as const).find((name) => names.includes(name)) ?? null;
  return { old, previous, hasCurrent: names.includes("current") };
}

/** The logs that came after the known ones, the oldest first. */
export function generationsAfter(known: ReadonlySet<string>, { old, previous, hasCurrent }: LogNames): Generation[] {
  return [
    ...(known.size === 0 ? old : old.filter(({ name }) => !known.has(name))),
    ...(previous === null ? [] : [{ name: "previous", files: [previous] }]),
    ...(hasCurrent ? [{ name: "current", files: ["current"] }] : []),
  ];
}

/** Whether nothing was rotated, processed, removed or missed between two listings. */
export function isSameListing(one: LogNames, other: LogNames): boolean {
  if (one === other) return true;
  return (
    one.previous === other.previous &&
    one.hasCurrent === other.hasCurrent &&
    one.old.length === other.old.length &&
    one.old.every(({ files }, index) => other.old[index]?.files.join() === files.join())
  );
}

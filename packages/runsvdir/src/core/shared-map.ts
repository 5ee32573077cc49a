/**
 * A map that is never changed. A changed copy shares most of its parts with the one before, so it costs about the same
 * however many entries there are. It is plain data, as a trace holds it.
 */
export interface SharedMap<Value> {
  readonly size: number;
  /** Each key is in the part that its hash names. A part is small, and a list takes half the memory of a map. */
  readonly parts: readonly Part<Value>[];
}

type Part<Value> = readonly (readonly [key: string, value: Value])[];

/** Entries of a part, on average, above which there are twice as many parts. */
const roomy = 16;

export function emptyMap<Value>(): SharedMap<Value> {
  return { size: 0, parts: [[]] };
}

export function find<Value>({ parts }: SharedMap<Value>, key: string): Value | undefined {
  return parts[partOf(parts, key)]?.find(([known]) => known === key)?.[1];
}

export function withEntry<Value>(map: SharedMap<Value>, key: string, value: Value): SharedMap<Value> {
  const parts = map.size < map.parts.length * roomy ? map.parts : grow(map);
  const at = partOf(parts, key);
  const part = parts[at] ?? [];
  const place = part.findIndex(([known]) => known === key);
  const entry = [key, value] as const;
  const changed = place === -1 ? [...part, entry] : part.with(place, entry);
  return { size: map.size + changed.length - part.length, parts: parts.with(at, changed) };
}

export function withoutEntry<Value>(map: SharedMap<Value>, key: string): SharedMap<Value> {
  const at = partOf(map.parts, key);
  const part = map.parts[at] ?? [];
  const place = part.findIndex(([known]) => known === key);
  return place === -1 ? map : { size: map.size - 1, parts: map.parts.with(at, part.toSpliced(place, 1)) };
}

/** All entries, in no order. */
export function entriesOf<Value>({ parts }: SharedMap<Value>): readonly (readonly [string, Value])[] {
  return parts.flat();
}

/** All values, in no order. */
export function valuesOf<Value>({ parts }: SharedMap<Value>): readonly Value[] {
  return parts.flatMap((part) => part.map(([, value]) => value));
}

function grow<Value>(map: SharedMap<Value>): readonly Part<Value>[] {
  const parts = Array.from({ length: map.parts.length * 2 }, (): (readonly [string, Value])[] => []);
  for (const entry of entriesOf(map)) parts[partOf(parts, entry[0])]?.push(entry);
  return parts;
}

function partOf(parts: readonly unknown[], key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash, 31) + key.charCodeAt(at);
  return (hash >>> 0) % parts.length;
}

/**
 * A map that is never changed. A changed copy shares most of its parts with the one before, so it costs about the same
 * however many entries there are. It is plain data, as a trace holds it.
 */
export interface SharedMap<Value> {
  readonly size: number;
  /** Each key is in the part that its hash names. */
  readonly parts: readonly ReadonlyMap<string, Value>[];
}

/** Entries of a part, on average, above which there are twice as many parts. */
const roomy = 16;

export function emptyMap<Value>(): SharedMap<Value> {
  return { size: 0, parts: [new Map()] };
}

export function find<Value>({ parts }: SharedMap<Value>, key: string): Value | undefined {
  return parts[partOf(parts, key)]?.get(key);
}

export function withEntry<Value>(map: SharedMap<Value>, key: string, value: Value): SharedMap<Value> {
  const parts = map.size < map.parts.length * roomy ? map.parts : grow(map);
  const at = partOf(parts, key);
  const part = new Map(parts[at]);
  part.set(key, value);
  return { size: map.size + (find(map, key) === undefined ? 1 : 0), parts: parts.with(at, part) };
}

export function withoutEntry<Value>(map: SharedMap<Value>, key: string): SharedMap<Value> {
  if (find(map, key) === undefined) return map;
  const at = partOf(map.parts, key);
  const part = new Map(map.parts[at]);
  part.delete(key);
  return { size: map.size - 1, parts: map.parts.with(at, part) };
}

/** All entries, in no order. */
export function entriesOf<Value>({ parts }: SharedMap<Value>): readonly (readonly [string, Value])[] {
  return parts.flatMap((part) => [...part]);
}

/** All values, in no order. */
export function valuesOf<Value>({ parts }: SharedMap<Value>): readonly Value[] {
  return parts.flatMap((part) => [...part.values()]);
}

function grow<Value>(map: SharedMap<Value>): readonly ReadonlyMap<string, Value>[] {
  const parts = Array.from({ length: map.parts.length * 2 }, () => new Map<string, Value>());
  for (const [key, value] of entriesOf(map)) parts[partOf(parts, key)]?.set(key, value);
  return parts;
}

function partOf(parts: readonly unknown[], key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash, 31) + key.charCodeAt(at);
  return (hash >>> 0) % parts.length;
}

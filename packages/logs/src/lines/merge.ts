import type { LineCursor } from "./line-cursor.ts";

/** Lines in the order in which they were written. */
export interface LineSource {
  readonly cursor: LineCursor;
  /** Moves the cursor to the next line when {@link LineCursor.next} alone cannot; false: there is none now. */
  fill(): Promise<boolean>;
}

/** Sources whose cursors stand on a line each, the one with the earliest line first. */
export interface Merge<Source extends LineSource> {
  /** Adds a source whose cursor stands on a line. */
  add(source: Source): void;
  /**
   * Hands out lines, the earliest first, up to `limit` (in microseconds), until there is none, or `take` returns false. The
   * sources that have no line now leave the merge.
   */
  drain(limit: number, take: (source: Source) => boolean): Promise<void>;
  /** Whether a source has a line that has not been handed out. */
  has(source: Source): boolean;
}

/**
 * Merges sources by the keys of their lines; lines with the same key come in the order of `sources`. The heap is kept only
 * when another source comes first: lines of one service mostly come in a row.
 */
export function createMerge<Source extends LineSource>(sources: readonly Source[]): Merge<Source> {
  const rank = new Map(sources.map((source, index) => [source, index]));
  const heap: Source[] = [];
  const isBefore = (one: Source, other: Source): boolean => {
    const difference = one.cursor.key - other.cursor.key;
    if (difference !== 0 && !Number.isNaN(difference)) return difference < 0;
    return (rank.get(one) ?? 0) < (rank.get(other) ?? 0);
  };

  const siftDown = (): void => {
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const child = childBefore(heap, left, isBefore);
      const [own, below] = [heap[at], heap[child]];
      if (own === undefined || below === undefined || !isBefore(below, own)) return;
      [heap[at], heap[child]] = [below, own];
      at = child;
    }
  };

  const add = (source: Source): void => {
    heap.push(source);
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      const [own, above] = [heap[at], heap[parent]];
      if (own === undefined || above === undefined || !isBefore(own, above)) return;
      [heap[at], heap[parent]] = [above, own];
      at = parent;
    }
  };

  const removeFirst = (): void => {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    siftDown();
  };

  const drain = async (limit: number, take: (source: Source) => boolean): Promise<void> => {
    for (;;) {
      const first = heap[0];
      if (first === undefined || first.cursor.key > limit) return;
      const second = heap[childBefore(heap, 1, isBefore)];
      do {
        if (!take(first)) return;
        if (first.cursor.next()) continue;
        if (await first.fill()) continue;
        removeFirst();
        break;
      } while (first.cursor.key <= limit && (second === undefined || isBefore(first, second)));
      if (heap[0] === first) siftDown();
    }
  };
  return { add, drain, has: (source) => heap.includes(source) };
}

/** The earlier one of two neighbours in the heap, of which the second may be missing. */
function childBefore<Source>(
  heap: readonly Source[],
  left: number,
  isBefore: (a: Source, b: Source) => boolean,
): number {
  const [one, other] = [heap[left], heap[left + 1]];
  return one !== undefined && other !== undefined && isBefore(other, one) ? left + 1 : left;
}

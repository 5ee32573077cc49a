/** Rows of one height in a box that scrolls. Lengths are in pixels. */
export interface Viewport {
  readonly count: number;
  readonly rowHeight: number;
  /** How far the box is scrolled, and how high it is. */
  readonly top: number;
  readonly height: number;
}

/** The rows to draw: `first` up to, but not including `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** So many rows are drawn beyond the box, so that scrolling shows no gap before the next drawing. */
const spare = 8;

/** Which rows the box shows, with some above and below. */
export function rowsInView({ count, rowHeight, top, height }: Viewport): RowRange {
  const first = Math.min(count, Math.max(0, Math.floor(top / rowHeight) - spare));
  const end = Math.min(count, Math.max(first, Math.ceil((top + height) / rowHeight) + spare));
  return { first, end };
}

/** How far the box must be scrolled so that it shows a row whole; as it is where it does already. */
export function scrolledTo(row: number, { rowHeight, top, height }: Viewport): number {
  const start = row * rowHeight;
  if (start < top) return start;
  return start + rowHeight > top + height ? start + rowHeight - height : top;
}

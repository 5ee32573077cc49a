/** Measures, fills up and cuts text by the columns of a terminal. */
export interface Ruler {
  widthOf(text: string): number;
  /** A text of at least this width, filled up with blanks. */
  padTo(text: string, width: number): string;
  /** A text of at most this width; a mark shows that it was cut. */
  cutTo(text: string, width: number): string;
}

/** Whether each character of a text takes one column. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** A plain text of at most this width. */
export function cutPlain(text: string, width: number, mark = "…"): string {
  if (text.length <= width) return text;
  return width <= 0 ? "" : `${text.slice(0, width - 1)}${mark}`;
}

/** For plain text. The other one is that of text.ts, whose tables of characters take longer to load than a short command. */
export const plainRuler: Ruler = {
  widthOf: (text) => text.length,
  padTo: (text, width) => text.padEnd(width),
  cutTo: (text, width) => cutPlain(text, width),
};

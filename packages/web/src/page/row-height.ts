/** Where the style sheet gives each row two lines. */
export const narrowQuery = "(max-width: 760px)";

/** Heights of a row of the table in the style sheet, in pixels. */
const rowHeights = { wide: 36, narrow: 58 } as const;

export function rowHeightOf(isNarrow: boolean): number {
  return isNarrow ? rowHeights.narrow : rowHeights.wide;
}

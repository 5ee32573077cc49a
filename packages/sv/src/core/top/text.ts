import { harmless } from "@upkeep/program/core/one-line";
import stringWidth from "string-width";

/** Text of others, as a terminal may show it. Bytes that are not UTF-8 become a mark. */
export function shown(text: string): string {
  return harmless(text).toWellFormed();
}

/** Columns that a text takes which holds no escape sequences. */
export function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** A text of exactly this width: cut, or filled up with blanks. */
export function fitTo(text: string, width: number, isRight: boolean, isAscii: boolean): string {
  const cut = cutTo(text, width, isAscii);
  const blanks = " ".repeat(Math.max(0, width - widthOf(cut)));
  return isRight ? blanks + cut : cut + blanks;
}

/** A text of at most this width; a mark shows that it was cut. */
export function cutTo(text: string, width: number, isAscii: boolean): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return "";
  let cut = text.slice(0, width);
  while (cut !== "" && widthOf(cut) >= width) cut = Array.from(cut).slice(0, -1).join("");
  return `${cut}${isAscii ? "~" : "…"}`;
}

import { harmless } from "@upkeep/program/core/one-line";

import type { Paper } from "../core/show.ts";
import { cutTo } from "../core/text.ts";
import { screenNow } from "./terminal.ts";

/** Colours of ANSI. */
const colours = { good: 32, bad: 31, plain: 33 } as const;

/** What suits standard output: a width and colours on a terminal only. */
export function paperNow(): Paper {
  const { columns, isColoured } = screenNow();
  return {
    fit: (text) => cutTo(harmless(text), columns),
    paint: (text, mood) => (isColoured ? `\x1b[${colours[mood]}m${text}\x1b[0m` : text),
  };
}

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

import { execa } from "execa";

import { type Section, withMeasured } from "./sections.ts";

const page = resolve(import.meta.dirname, "../../../docs/performance.md");
const begin = "<!-- bench: begin -->";
const end = "<!-- bench: end -->";

/**
 * Puts measured sections between the markers of docs/performance.md, in the place of those with the same title. The text
 * around is written by hand. The formatter lays the page out, which is checked like every other file.
 *
 * @param order the titles of all sections.
 */
export async function writePage(measured: readonly Section[], order: readonly string[]): Promise<void> {
  const text = await readFile(page, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${page} has no lines '${begin}' and '${end}'`);
  const generated = withMeasured(text.slice(from + begin.length, to), measured, order);
  await writeFile(page, `${text.slice(0, from)}${begin}\n\n${generated.trim()}\n\n${text.slice(to)}`);
  await execa("oxfmt", [page]);
}

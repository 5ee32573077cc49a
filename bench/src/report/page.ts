import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";

import { execa } from "execa";

const page = resolve(import.meta.dirname, "../../../docs/performance.md");
const begin = "<!-- bench: begin -->";
const end = "<!-- bench: end -->";

/**
 * Replaces what is between the markers of docs/performance.md; the text around is written by hand. The formatter lays the
 * page out, which is checked like every other file.
 */
export async function writePage(generated: string): Promise<void> {
  const text = await readFile(page, "utf8");
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${page} has no lines '${begin}' and '${end}'`);
  await writeFile(page, `${text.slice(0, from)}${begin}\n\n${generated.trim()}\n\n${text.slice(to)}`);
  await execa("oxfmt", [page]);
}

/** A part of the page: what one group of measurements has come to. */
export interface Section {
  /** Its heading, without `###`. */
  readonly title: string;
  /** What stands below the heading. */
  readonly text: string;
}

const heading = /^### (.*)$/gm;

/** Takes the generated part of the page apart, at its headings. What stands before the first one is dropped. */
export function sectionsIn(generated: string): readonly Section[] {
  const found = [...generated.matchAll(heading)];
  return found.map((match, index) => ({
    title: match[1] ?? "",
    text: generated.slice(match.index + match[0].length, found[index + 1]?.index).trim(),
  }));
}

/**
 * The generated part after another run: sections that were measured replace those of the same title, and all others stay as
 * they are.
 *
 * @param order the titles of all groups. A section of another title is of a group that is gone, and is dropped.
 */
export function withMeasured(before: string, measured: readonly Section[], order: readonly string[]): string {
  const all = new Map([...sectionsIn(before), ...measured].map((section) => [section.title, section]));
  return order
    .flatMap((title) => all.get(title) ?? [])
    .map(({ title, text }) => `### ${title}\n\n${text.trim()}\n`)
    .join("\n");
}

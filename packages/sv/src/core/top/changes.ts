/** What can be skipped at the begin of a line: text without wide characters and open styles. */
// oxlint-disable-next-line no-control-regex -- changes of style are what it looks for
const skippable = /^(?:[ -~]|\x1b\[[\d;]+m[ -~]*\x1b\[0m)*/;
// oxlint-disable-next-line no-control-regex -- changes of style take no column
const style = /\x1b\[[\d;]+m/g;

/**
 * What turns a screen of these lines into another one, with as few bytes as a slow line needs. Without `before`, all of it
 * is drawn.
 */
export function changes(before: readonly string[] | null, after: readonly string[]): string {
  const clear = before === null ? "\x1b[H\x1b[2J" : "";
  return clear + after.map((line, row) => changeLine(before?.[row] ?? "", line, row + 1)).join("");
}

function changeLine(before: string, after: string, row: number): string {
  if (before === after) return "";
  let same = 0;
  while (same < after.length && before[same] === after[same]) same += 1;
  const start = skippable.exec(after.slice(0, same))?.[0] ?? "";
  const column = start.replaceAll(style, "").length + 1;
  const [was, is] = [before.slice(start.length), after.slice(start.length)];
  let end = is.length;
  while (end > 0 && was.length === is.length && was[end - 1] === is[end - 1]) end -= 1;
  // Characters of one column each: what follows the change stays where it is.
  const isPlain = was.length === is.length && /^[ -~]*$/.test(was.slice(0, end) + is.slice(0, end));
  if (isPlain) return `\x1b[${row};${column}H${is.slice(0, end)}`;
  return `\x1b[${row};${column}H${is}\x1b[K`;
}

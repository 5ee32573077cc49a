/** A range of addresses, as bytes. */
export interface Range {
  readonly address: number;
  readonly size: number;
}

/**
 * Finds in the text of /proc/PID/smaps (proc(5)) what is mapped of a file privately, not writable, and never written:
 * the code and the constants of a program. The kernel can read them again from the file at any time. A page that was
 * written, as the loader does for addresses, counts as "Anonymous".
 */
export function unwrittenRanges(smaps: string, path: string): readonly Range[] {
  const found: Range[] = [];
  let range: Range | null = null;
  for (const line of smaps.split("\n")) {
    const [, from, to, permissions, file] = mapping.exec(line) ?? [];
    if (from !== undefined && to !== undefined) {
      range = file === path && permissions?.[1] === "-" && permissions[3] === "p" ? rangeOf(from, to) : null;
    } else if (range !== null && /^Anonymous: +0 kB$/.test(line)) found.push(range);
  }
  return found;
}

/** The head of a mapping: addresses, permissions, offset, device, inode, and the file if there is one. */
const mapping = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)$/;

function rangeOf(from: string, to: string): Range {
  const address = Number.parseInt(from, 16);
  return { address, size: Number.parseInt(to, 16) - address };
}

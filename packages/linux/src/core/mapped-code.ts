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

/** Bytes of an entry of /proc/PID/pagemap. In the last one are these bits, for what is in memory and what is a file's. */
export const pageEntrySize = 8;
const isPresent = 0x80;
const isOfFile = 0x20;

/** Bytes of a page, as the text of /proc/PID/smaps tells. Throws where it does not. */
export function pageSizeIn(smaps: string): number {
  const [, size] = /^KernelPageSize: +(\d+) kB$/m.exec(smaps) ?? [];
  if (size === undefined) throw new RangeError("no size of pages");
  return Number(size) * 1024;
}

/** The whole pages of a range. */
export function wholePages({ address, size }: Range, pageSize: number): Range {
  const first = Math.ceil(address / pageSize) * pageSize;
  const end = Math.floor((address + size) / pageSize) * pageSize;
  return { address: first, size: Math.max(end - first, 0) };
}

/**
 * What of a private mapping of a file is in memory and was never written.
 *
 * @param pagemap the entries of its pages in /proc/PID/pagemap. @param address of the first of them.
 */
export function unwrittenPages(pagemap: Uint8Array, address: number, pageSize: number): readonly Range[] {
  const found: Range[] = [];
  for (let page = 0; page * pageEntrySize < pagemap.length; page += 1) {
    const bits = pagemap[(page + 1) * pageEntrySize - 1] ?? 0;
    if ((bits & isPresent) === 0 || (bits & isOfFile) === 0) continue;
    const at = address + page * pageSize;
    const last = found.at(-1);
    if (last !== undefined && last.address + last.size === at)
      found[found.length - 1] = { ...last, size: last.size + pageSize };
    else found.push({ address: at, size: pageSize });
  }
  return found;
}

/** The head of a mapping: addresses, permissions, offset, device, inode, and the file if there is one. */
const mapping = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)$/;

function rangeOf(from: string, to: string): Range {
  const address = Number.parseInt(from, 16);
  return { address, size: Number.parseInt(to, 16) - address };
}

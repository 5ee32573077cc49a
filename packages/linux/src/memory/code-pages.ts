import { readlinkSync, readSync } from "node:fs";

import { libc } from "#libc";

import { elfHeaderSize, sectionsIn, sectionTableOf } from "../core/elf-section.ts";
import {
  type Range,
  pageEntrySize,
  pageSizeIn,
  unwrittenPages,
  unwrittenRanges,
  wholePages,
} from "../core/mapped-code.ts";
import { withFile } from "../fd/files.ts";

const MADV_DONTNEED = 4;

/** Where Bun has put our own scripts in the stand-alone executable. It lies between data that are written. */
const scriptsSection = ".bun";

/** What of our executable need not stay in memory. */
export interface Code {
  /** What nobody can write. */
  readonly ranges: readonly Range[];
  /** Our scripts, which are mapped as data are; null where they are not in the executable. */
  readonly scripts: Range | null;
  /** In bytes. */
  readonly pageSize: number;
}

/** Where the code of our executable is, which stays there as long as we live; none without /proc. Never throws. */
export function findCode(): Code {
  try {
    const path = readlinkSync("/proc/self/exe");
    const smaps = readMappingsOf(path);
    const pageSize = pageSizeIn(smaps);
    const scripts = findScripts();
    return {
      ranges: unwrittenRanges(smaps, path),
      scripts: scripts === null ? null : wholePages(scripts, pageSize),
      pageSize,
    };
  } catch {
    return { ranges: [], scripts: null, pageSize: 0 };
  }
}

/** Reads smaps until the mappings of a file are over: the program's come first, and all of them would be a megabyte. */
function readMappingsOf(path: string): string {
  return withFile("/proc/self/smaps", (fd) => {
    const bytes = Buffer.alloc(16_384);
    let text = "";
    for (let count = readSync(fd, bytes); count > 0; count = readSync(fd, bytes)) {
      text += bytes.toString("latin1", 0, count);
      const last = text.lastIndexOf(path);
      if (last !== -1 && /\n[0-9a-f]+-[0-9a-f]+ \S{4} /.test(text.slice(last))) return text;
    }
    return text;
  });
}

function findScripts(): Range | null {
  const find = (fd: number): Range | null => {
    const table = sectionTableOf(readFrom(fd, 0, elfHeaderSize));
    if (table === null) return null;
    const sections = sectionsIn(readFrom(fd, table.offset, table.count * table.entrySize), table);
    const names = sections[table.names];
    if (names === undefined) return null;
    const text = readFrom(fd, names.offset, names.size).toString("latin1");
    return sections.find(({ name }) => text.startsWith(`${scriptsSection}\0`, name)) ?? null;
  };
  return withFile("/proc/self/exe", find, { mayBeLink: true });
}

/**
 * Takes code out of the memory that counts as ours (madvise(2)). It stays in the page cache, and each page comes back
 * when it is used. A start touches 30 MB of the runtime, and a process at rest needs almost nothing of that; but when
 * memory runs out, the kernel kills the process that has most.
 */
export function returnCode({ ranges, scripts, pageSize }: Code): void {
  // First, because to find it takes code.
  const unwritten = scripts === null ? [] : unwrittenOf(scripts, pageSize);
  for (const { address, size } of [...unwritten, ...ranges]) libc.madvise(address, size, MADV_DONTNEED);
}

/** What is in memory and as in the file; nothing where the kernel does not tell. Whoever writes there would lose that. */
function unwrittenOf({ address, size }: Range, pageSize: number): readonly Range[] {
  try {
    const pagemap = withFile("/proc/self/pagemap", (fd) =>
      readFrom(fd, (address / pageSize) * pageEntrySize, (size / pageSize) * pageEntrySize),
    );
    return unwrittenPages(pagemap, address, pageSize);
  } catch {
    return [];
  }
}

function readFrom(fd: number, position: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readSync(fd, bytes, 0, size, position));
}

import { expect, test } from "vitest";

import { pageSizeIn, unwrittenPages, unwrittenRanges, wholePages } from "@upkeep/linux/core/mapped-code";

const mapping = (head: string, anonymous: number): string =>
  `${head}\nSize: 8 kB\nRss:                   8 kB\nAnonymous:        ${String(anonymous).padStart(5)} kB\nVmFlags: rd ex mr\n`;

test("code and constants of the program that were never written are found, and nothing else", () => {
  const smaps = [
    mapping("00400000-00402000 r--p 00000000 fe:00 12                                 /usr/lib/a program", 0),
    mapping("00402000-00406000 r-xp 00002000 fe:00 12                                 /usr/lib/a program", 0),
    // What the loader has written before it was made read-only.
    mapping("00406000-00408000 r--p 00006000 fe:00 12                                 /usr/lib/a program", 4),
    mapping("00408000-0040a000 rw-p 00008000 fe:00 12                                 /usr/lib/a program", 0),
    mapping("0040a000-0040c000 r--s 00000000 fe:00 12                                 /usr/lib/a program", 0),
    mapping("0040c000-0040e000 rw-p 00000000 00:00 0 ", 0),
    mapping("7f0000000000-7f0000002000 r-xp 00000000 fe:00 13                         /usr/lib/libc.so.6", 0),
    mapping("7fff00000000-7fff00002000 r-xp 00000000 00:00 0                          [vdso]", 0),
  ];
  expect(unwrittenRanges(smaps.join(""), "/usr/lib/a program")).toEqual([
    { address: 0x40_0000, size: 0x2000 },
    { address: 0x40_2000, size: 0x4000 },
  ]);
});

test("the size of pages", () => {
  expect(pageSizeIn(mapping("00400000-00410000 r--p 00000000 fe:00 12 /bin/a\nKernelPageSize:       64 kB", 0))).toBe(
    65_536,
  );
  expect(() => pageSizeIn(mapping("00400000-00402000 r--p 00000000 fe:00 12 /bin/a", 0))).toThrow("no size of pages");
});

test.each([
  [
    { address: 0x1000, size: 0x2000 },
    { address: 0x1000, size: 0x2000 },
  ],
  [
    { address: 0x1001, size: 0x2000 },
    { address: 0x2000, size: 0x1000 },
  ],
  [
    { address: 0x1001, size: 0xffe },
    { address: 0x2000, size: 0 },
  ],
])("the whole pages of a range", (range, expected) => {
  expect(wholePages(range, 0x1000)).toEqual(expected);
});

test("pages that were written, and those that are not in memory, are left alone", () => {
  const [absent, ofFile, written, inSwap] = [0x20, 0xa0, 0x80, 0x60];
  const kinds = [absent, ofFile, ofFile, written, ofFile, inSwap, absent];
  const pagemap = Uint8Array.from(kinds.flatMap((bits) => [1, 2, 3, 4, 5, 6, 7, bits]));
  expect(unwrittenPages(pagemap, 0x40_0000, 0x1000)).toEqual([
    { address: 0x40_1000, size: 0x2000 },
    { address: 0x40_4000, size: 0x1000 },
  ]);
  expect(unwrittenPages(new Uint8Array(), 0x40_0000, 0x1000)).toEqual([]);
});

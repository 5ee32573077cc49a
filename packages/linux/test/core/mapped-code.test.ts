import { expect, test } from "vitest";

import { unwrittenRanges } from "@upkeep/linux/core/mapped-code";

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

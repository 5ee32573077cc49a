import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { gzipFile, gzipSmall } from "../../scripts/release/gzip.ts";

test("a file and what is small are compressed into the same bytes, without a name and a time", async () => {
  const directory = mkdtempSync(join(tmpdir(), "upkeep-gzip-"));
  try {
    const content = Buffer.from("a page of the manual\n".repeat(100));
    writeFileSync(join(directory, "page"), content);
    const compressed = gzipSmall(content, 9);
    expect(readFileSync(await gzipFile(join(directory, "page"), 9)).equals(compressed)).toBe(true);
    expect(gunzipSync(compressed).equals(content)).toBe(true);
    // Flags and time, of RFC 1952.
    expect([...compressed.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

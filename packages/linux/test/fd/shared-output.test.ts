import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";

import { createPipe } from "@upkeep/linux/fd/pipe";
import { openSharedOutput } from "@upkeep/linux/fd/shared-output";
import { describe, expect, test } from "vitest";

import { tempDirectory } from "../helpers/temp.ts";

describe("a shared output", () => {
  test("that is a full pipe takes nothing, and makes nobody wait", () => {
    const pipe = createPipe();
    const output = openSharedOutput(pipe.write);
    const block = new Uint8Array(100_000);
    let written = 0;
    for (let count = output.write(block); count !== -1; count = output.write(block)) written += count;
    expect(written).toBeGreaterThanOrEqual(65_536);
    expect(output.roomFd).not.toBeNull();
    const room = new Uint8Array(written);
    expect(readSync(pipe.read, room)).toBeGreaterThan(0);
    expect(output.write(Buffer.from("again"))).toBe(5);
    closeSync(pipe.read);
    expect(() => output.write(block)).toThrow("broken pipe");
    closeSync(pipe.write);
  });

  test("that is a file is written to where the others are", () => {
    using directory = tempDirectory();
    const path = directory.path("log");
    const fd = openSync(path, "w");
    const output = openSharedOutput(fd);
    writeSync(fd, "one\n");
    expect(output.write(Buffer.from("two\n"))).toBe(4);
    writeSync(fd, "three\n");
    closeSync(fd);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\n");
  });
});

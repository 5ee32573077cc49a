import { describe, expect, test } from "vitest";

import { defaultConfig, parseConfig } from "../../src/core/config.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): ReturnType<typeof parseConfig> => parseConfig(bytes(text));

describe("parseConfig", () => {
  test.each(["", "\n\n", "# s100\n", "x100\n", " s100\n"])("%j changes nothing", (text) => {
    expect(parse(text)).toEqual({ config: defaultConfig, warnings: [] });
  });

  test.each([
    ["s100", { size: 100 }],
    ["s2k", { size: 2048 }],
    ["s3m", { size: 3 * 1024 * 1024 }],
    ["s2x", { size: 2 }],
    ["s 100", { size: 0 }],
    ["s\n", { size: 0 }],
    ["S10m", { totalSize: 10 * 1024 * 1024 }],
    ["L64k", { loseAbove: 65_536 }],
    ["L0", { loseAbove: 0 }],
    ["n0", { keep: 0 }],
    ["N3", { keepAtLeast: 3 }],
    ["t90", { age: 90 }],
    ["t2m", { age: 120 }],
    ["t1h", { age: 3600 }],
    ["!gzip -9 | cat", { processor: "gzip -9 | cat" }],
    ["!\n", { processor: null }],
    ["pPRE: ", { prefix: bytes("PRE: ") }],
    ["=last", { lastLineFile: "last" }],
    ["u1.2.3.4", { udp: { address: "1.2.3.4", family: 4, port: 514, isOnly: false } }],
    ["U1.2.3.4:55", { udp: { address: "1.2.3.4", family: 4, port: 55, isOnly: true } }],
    ["u[::1]", { udp: { address: "::1", family: 6, port: 514, isOnly: false } }],
    ["u[fe80::1]:99", { udp: { address: "fe80::1", family: 6, port: 99, isOnly: false } }],
  ])("%j", (text, expected) => {
    expect(parse(text)).toEqual({ config: { ...defaultConfig, ...expected }, warnings: [] });
  });

  test("ignores a last byte that stands alone without a newline, as runit does", () => {
    expect(parse("n3\ns").config).toMatchObject({ keep: 3, size: 1_000_000 });
  });

  test("keeps the order of patterns, separately for log and stderr", () => {
    expect(parse("-*\n+a*\nex\nE\n").config).toMatchObject({
      logRules: [
        { selects: false, pattern: bytes("*") },
        { selects: true, pattern: bytes("a*") },
      ],
      stderrRules: [
        { selects: true, pattern: bytes("x") },
        { selects: false, pattern: bytes("") },
      ],
    });
  });

  test("keeps the bytes of a prefix that is not UTF-8", () => {
    expect(parseConfig(Uint8Array.of(0x70, 0xff, 10)).config.prefix).toEqual(Uint8Array.of(0xff));
  });

  test.each([
    ["u1.2.3", "unable to scan ip address: 1.2.3"],
    ["u300.1.1.1", "unable to scan ip address: 300.1.1.1"],
    ["u[12]", "unable to scan ip address: [12]"],
    ["u1.2.3.4:", "unable to scan port number: "],
    ["u1.2.3.4:0", "unable to scan port number: 0"],
    ["u1.2.3.4:99999", "unable to scan port number: 99999"],
    ["=../x", "unable to use as file of the last line: ../x"],
    ["=current", "unable to use as file of the last line: current"],
  ])("%j is left out with a warning", (text, warning) => {
    expect(parse(`${text}\nn4\n`)).toEqual({ config: { ...defaultConfig, keep: 4 }, warnings: [warning] });
  });
});

import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { feedAndSee, log, startLogger } from "../rig/runit/svlogd.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { program } from "../rig/core/needs.ts";
import { processState } from "../rig/process/processes.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

line("LOG-05", "drops a last line without a newline", {
  stock: async (rig) => {
    expect(await logged(rig, "one\ntwo")).toBe("one\n");
  },
  ours: async (rig) => {
    expect(await logged(rig, "one\ntwo")).toBe("one\ntwo\n");
  },
  instead: "keeps a last line without a newline, and gives it one",
  because: "the last words of a service that crashed are those that are looked for",
});

line("LOG-05", "keeps a last line without a newline that has LEN bytes or more, and gives it one", {
  test: async (rig) => {
    expect(await logged(rig, "one\n12345", "-l", "5")).toBe("one\n12345\n");
    expect(await logged(rig, "one\n1234567", "-l", "5")).toBe("one\n12345\none\n1234567\n");
  },
});

line("LOG-06", "writes each complete line at once, and nothing of an incomplete one", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    await feedAndSee(rig, logger, directory, "b\n");
    await logger.feed("c\nhalf");
    await rig.until("the third line", () => directory.current().length > 4);
    expect(directory.current()).toBe("a\nb\nc\n");
    await feedAndSee(rig, logger, directory, " and half\n");
    expect(directory.current()).toBe("a\nb\nc\nhalf and half\n");
  },
});

line("LOG-06", "does not call fsync before the log ends", {
  needs: program("strace", "strace"),
  test: async (rig) => {
    const directory = logDirectory(rig);
    const trace = rig.path("trace");
    const under = ["strace", "-f", "-q", "-o", trace, "-e", "trace=fsync,fdatasync,sync_file_range"];
    const logger = await startLogger(rig, ["log"], { under });
    for (const word of ["a\n", "b\n", "c\n"]) {
      await feedAndSee(rig, logger, directory, word);
    }
    expect(rig.read(trace)).not.toContain("sync");
    expect(await logger.finish()).toMatchObject({ code: 0 });
    expect(rig.read(trace)).toContain("fsync(");
  },
});

line("LOG-07", "-t stamps with a TAI64N label, of 25 characters, and a blank", {
  test: async (rig) => {
    const before = Date.now();
    const found = /^@([0-9a-f]{24}) a\n$/.exec(await logged(rig, "a\n", "-t"));
    const label = BigInt(`0x${found?.[1] ?? ""}`);
    const seconds = Number((label >> 32n) - 0x4000_0000_0000_000an);
    const nanoseconds = Number(label & 0xffff_ffffn);
    expect(seconds * 1000 + nanoseconds / 1e6).toBeGreaterThanOrEqual(before - 1);
    expect(seconds * 1000 + nanoseconds / 1e6).toBeLessThanOrEqual(Date.now() + 1);
    expect(nanoseconds % 1000).toBe(500);
  },
});

for (const [options, separator] of [
  ["-tt", "_"],
  ["-ttt", "T"],
  ["-tttt", "T"],
  ["-tttttt", "T"],
] as const) {
  line("LOG-07", `${options} stamps with date and time in UTC, and ${separator} between them`, {
    test: async (rig) => {
      const before = Date.now();
      const text = await logged(rig, "a\n", options);
      const found = /^(\d{4}-\d\d-\d\d)([_T])(\d\d:\d\d:\d\d\.\d{5}) a\n$/.exec(text);
      expect(found?.[2]).toBe(separator);
      const time = Date.parse(`${found?.[1]}T${found?.[3]}Z`);
      expect(time).toBeGreaterThanOrEqual(before - 1);
      // The stamp has fractions of a millisecond.
      expect(time).toBeLessThanOrEqual(Date.now() + 1);
    },
  });
}

line("LOG-07", "stamps a line with the time at which it began to arrive", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig, ["-tt", "log"]);
    await logger.feed("a\nbegun");
    await rig.until("the first line", () => directory.current() !== "");
    // Only then has it read the second line.
    await rig.until("svlogd to wait", () => processState(logger.command.pid) === "S");
    const between = Date.now();
    await rig.until("the clock to go on", () => Date.now() > between + 5);
    await feedAndSee(rig, logger, directory, " and ended\n");
    // The stamp has fractions of a millisecond.
    expect(times(directory.current())[1]).toBeLessThanOrEqual(between + 1);
  },
});

line("LOG-07", "reads the clock for each line", {
  stock: async (rig) => {
    expect(new Set(times(await logged(rig, "a\n".repeat(2000), "-tt"))).size).toBeGreaterThan(2);
  },
  ours: async (rig) => {
    const stamps = (await logged(rig, "a\n".repeat(2000), "-tt")).match(/^\S+/gm);
    expect(stamps).toHaveLength(2000);
    expect(new Set(stamps).size).toBe(1);
  },
  instead: "reads the clock once for each read: lines that came together have the same stamp",
  because: "these lines came at the same time, and the clock would cost more than all the rest",
});

line("LOG-08", "-r . replaces each byte below 32 and above 126", {
  test: async (rig) => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10));
    const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));
    const expected = `${".".repeat(31)}${printable}${".".repeat(129)}\n`;
    expect(await logged(rig, `${all}\n\xc3\xa4\n`, "-r", ".")).toBe(`${expected}..\n`);
  },
});

line("LOG-08", "replaces in the first LEN bytes of each line only", {
  test: async (rig) => {
    expect(await logged(rig, "\t\t\t\t\t\t\t\n\t\n\t\t\t\t\t\n", "-r.", "-l5")).toBe(".....\t\t\n.\n.....\n");
  },
});

line("LOG-09", "-R replaces its bytes, and what is not printable, by an underscore", {
  test: async (rig) => {
    expect(await logged(rig, "abcabd\t\x7f\xe4.\n", "-R", "ab")).toBe("__c__d___.\n");
  },
});

line("LOG-09", "-R and -r together replace by the character of -r", {
  test: async (rig) => {
    expect(await logged(rig, "abc\t\n", "-R", "ab", "-r", "#")).toBe("##c#\n");
    expect(await logged(rig, "abc\t\n", "-r", "#", "-R", "ab")).toBe("##c#\n##c#\n");
  },
});

line("LOG-10", "writes lines that are longer than LEN whole", {
  test: async (rig) => {
    const text = [5, 10, 11, 999, 1000, 1001, 1024, 5000, 70_000, 3]
      .map((size, index) => `${String(index).repeat(size)}\n`)
      .join("");
    expect(await logged(rig, text, "-l", "10")).toBe(text);
    expect(await logged(rig, text)).toBe(text + text);
  },
});

line("LOG-11", "cuts lines of LEN bytes or more at LEN for stderr, with ... at the end", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "e*");
    const text = ["a".repeat(19), "b".repeat(20), "c".repeat(21), "d".repeat(3000)].map((one) => `${one}\n`).join("");
    expect(await log(rig, text, ["-l", "20", "log"])).toMatchObject({
      code: 0,
      stderr: `${"a".repeat(19)}\n${"b".repeat(20)}...\n${"c".repeat(20)}...\n${"d".repeat(20)}...\n`,
    });
    expect(directory.current()).toBe(text);
  },
});

/** What the rig's log holds after this input. */
async function logged(rig: TestRig, text: string, ...options: readonly string[]): Promise<string> {
  const directory = logDirectory(rig);
  expect(await log(rig, text, [...options, "log"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  return directory.current();
}

/** The times of lines with stamps of -tt, in milliseconds, exact to 10 us. */
function times(text: string): readonly number[] {
  return [...text.matchAll(/^(\S+)_(\S+)(\d\d) /gm)].map(
    ([, date, time, tens]) => Date.parse(`${date}T${time}Z`) + Number(tens) / 100,
  );
}

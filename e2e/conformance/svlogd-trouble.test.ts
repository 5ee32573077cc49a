import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { type OnOwnDisk, count, feedAndSee, lines, startOnOwnDisk } from "../rig/runit/svlogd.ts";
import { oldSizes } from "../rig/runit/log-directory.ts";
import { privateMounts } from "../rig/core/needs.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const needs = privateMounts;
const pausing = "svlogd: pausing: unable to write to current: log: out of disk space\n";

line("LOG-34", "on a full disk removes the oldest logs, if there are more than N, and goes on", {
  needs,
  test: async (rig) => {
    const { directory, logger } = await startOnOwnDisk(rig, "size=64k", ["s8000", "n20", "N2"], ["-l", "100", "log"]);
    const text = lines(1, 2000, 100);
    await logger.feed(text);
    await rig.until("the last line", () => directory.logged().endsWith(lines(2000, 2000, 100)));
    const logged = directory.logged();
    expect(text.endsWith(logged)).toBe(true);
    expect(logged.length).toBeGreaterThan(30_000);
    expect(logger.stderr()).toMatch(/^(?:svlogd: warning: out of disk space, delete: log\/@[0-9a-f]{24}\.s\n)+$/);
    const deleted = [...logger.stderr().matchAll(/@\S+/g)].map(String);
    expect(deleted).toEqual(deleted.toSorted());
    expect(oldSizes(directory).length + deleted.length).toBe(25);
    await logger.finish();
  },
});

line("LOG-34", "on a full disk removes old logs down to N only", {
  needs,
  test: async (rig) => {
    const config = ["s8000", "n20", "N2"];
    const { directory, logger } = await startOnOwnDisk(rig, "size=64k", config, ["-vl", "100", "log"]);
    await logger.feed(lines(1, 350, 100));
    await rig.until("the lines", () => directory.logged() === lines(1, 350, 100));
    expect(directory.oldLogs()).toHaveLength(4);
    directory.configure("s0", "n20", "N2");
    logger.kill("SIGHUP");
    await logger.says("info: append: log/current\n");
    await logger.feed(lines(351, 1000, 100));
    await logger.says(pausing);
    expect(directory.oldLogs()).toHaveLength(2);
    expect(count(logger.stderr(), "out of disk space, delete: log/@")).toBe(2);
    expect(directory.logged()).toBe(
      lines(1, 1000, 100)
        .slice(2 * 7900)
        .slice(0, directory.logged().length),
    );
  },
});

/** Fills a disk of 32 KiB on which the logger may remove nothing, until it has tried again after 3 s. */
async function fillOwnDisk(rig: TestRig): Promise<OnOwnDisk> {
  const disk = await startOnOwnDisk(rig, "size=32k", ["s0", "n2", "N2"]);
  const before = Date.now();
  await disk.logger.feed(lines(1, 500, 100));
  await disk.logger.says(pausing);
  await disk.logger.says(pausing, 2);
  expect(Date.now() - before).toBeGreaterThan(2800);
  return disk;
}

line("LOG-35", "on a full disk that it may not make room on pauses for 3 s, whatever TERM, and tries again", {
  needs,
  stock: async (rig) => {
    const { directory, logger } = await fillOwnDisk(rig);
    logger.kill("SIGTERM");
    await logger.says(pausing, 3);
    await logger.says(pausing, 4);
    expect(logger.command.ending).toBeUndefined();
    expect(lines(1, 500, 100).startsWith(directory.current())).toBe(true);
  },
  ours: async (rig) => {
    const { directory, logger } = await fillOwnDisk(rig);
    const written = directory.current();
    expect(lines(1, 500, 100).startsWith(written)).toBe(true);
    logger.kill("SIGTERM");
    expect(await logger.result()).toMatchObject({ code: 0 });
    const lost = 50_000 - written.length;
    const warning = `svlogd: warning: unable to write to current: log: out of disk space, ${lost} bytes lost\n`;
    expect(logger.stderr()).toMatch(new RegExp(`^(?:${pausing})+${warning}$`));
  },
  instead: "on a full disk pauses for 3 s, and tries again; on TERM tries once more, says what is lost, and ends",
  because: "it could only be killed, and would say nothing",
});

line("LOG-35", "writes all that has waited when there is room again", {
  needs,
  test: async (rig) => {
    const { directory, logger, inside } = await startOnOwnDisk(rig, "size=32k", ["s0"]);
    await logger.feed(lines(1, 500, 100));
    await logger.says(pausing);
    await inside("mount", "-o", "remount,size=200k", rig.path("log"));
    await rig.until("all lines", () => directory.current() === lines(1, 500, 100));
    await feedAndSee(rig, logger, directory, "more\n");
    expect((await logger.finish()).stderr).toMatch(new RegExp(`^(?:${pausing})+$`));
  },
});

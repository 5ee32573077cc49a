import { chmodSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { line, rigTest } from "../rig/core/conformance.ts";
import { feedAndSee, log, startLogger } from "../rig/runit/svlogd.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { umask } from "../rig/process/under.ts";

const usage = "usage: svlogd [-ttv] [-r c] [-R abc] [-l len] [-b buflen] dir ...\n\n";

for (const [why, operands, complaint] of [
  ["no directory", [], ""],
  ["options only", ["-tt"], ""],
  ["a BUFLEN of LEN", ["-l", "1024", "log"], ""],
  ["a BUFLEN below LEN", ["-l", "50", "-b", "49", "log"], ""],
  ["more than one byte for -r", ["-r", "ab", "log"], ""],
  ["an empty -r", ["-r", "", "log"], ""],
  ["an unknown option", ["-tq", "log"], "svlogd: illegal option -- q\n"],
  ["a missing value", ["-l"], "svlogd: option requires an argument -- l\n"],
] as const) {
  line("LOG-01", `prints the usage and exits 111 because of ${why}`, {
    test: async (rig) => {
      const directory = logDirectory(rig);
      expect(await log(rig, "a\n", operands)).toMatchObject({ code: 111, stdout: "", stderr: complaint + usage });
      expect(directory.names()).toEqual([]);
    },
  });
}

line("LOG-01", "prints an identification and the usage on -V, and exits 111", {
  test: async (rig) => {
    const { code, stdout, stderr } = await log(rig, "", ["-V"]);
    expect([code, stdout]).toEqual([111, ""]);
    expect(stderr).toMatch(/^\$Id: [^\n]+ \$\nusage: svlogd /);
    expect(stderr.endsWith(usage)).toBe(true);
  },
});

line("LOG-01", "takes a LEN below BUFLEN, bundled and glued options, and 0 for the default", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    for (const operands of [
      ["-l", "1023"],
      ["-l", "1024", "-b", "1025"],
      ["-l1024", "-b1025"],
      ["-vl0", "-b0"],
      ["--"],
    ]) {
      expect(await log(rig, "a\n", [...operands, "log"])).toMatchObject({ code: 0 });
    }
    expect(directory.current()).toBe("a\n".repeat(5));
  },
});

line("LOG-01", "takes whatever begins with -- for the end of the options", {
  stock: async (rig) => {
    const directory = logDirectory(rig);
    expect(await log(rig, "a\n", ["--help", "log"])).toMatchObject({ code: 0, stderr: "" });
    expect(directory.current()).toBe("a\n");
  },
  ours: async (rig) => {
    const help = await log(rig, "", ["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("svlogd [-ttv] [-r c] [-R abc] [-l len] [-b buflen] dir ...\n");
    const version = await log(rig, "", ["--version"]);
    expect(version).toMatchObject({ code: 0, stderr: "" });
    expect(version.stdout).toMatch(/^\S+\n$|^[^\n]*\d+\.\d+\.\d+\n$/);
    const directory = logDirectory(rig);
    expect(await log(rig, "a\n", ["--frobnicate", "log"])).toMatchObject({ code: 111, stdout: "" });
    expect(directory.names()).toEqual([]);
  },
  instead: "answers --help and --version, and refuses other words that begin with --",
  because: "help is looked for there, and a typing error must not be passed over",
});

line("LOG-02", "warns of a directory that is missing, and exits 111 when there is no other", {
  test: async (rig) => {
    const warning = "svlogd: warning: unable to open log directory: absent: file does not exist\n";
    const fatal = "svlogd: fatal: no functional log directories.\n";
    expect(await log(rig, "a\n", ["absent"])).toMatchObject({ code: 111, stdout: "", stderr: warning + fatal });
    const directory = logDirectory(rig);
    expect(await log(rig, "a\n", ["absent", "log"])).toMatchObject({ code: 0, stdout: "", stderr: warning });
    expect(directory.current()).toBe("a\n");
  },
});

line("LOG-02", "warns of a file in the place of a directory", {
  test: async (rig) => {
    writeFileSync(rig.path("file"), "");
    expect(await log(rig, "a\n", ["file"])).toMatchObject({
      code: 111,
      stderr:
        "svlogd: warning: unable to change directory: file: not a directory\n" +
        "svlogd: fatal: no functional log directories.\n",
    });
  },
});

line("LOG-03", "warns of a directory that another logger has locked", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const other = logDirectory(rig, "other");
    const first = await startLogger(rig);
    await feedAndSee(rig, first, directory, "first\n");
    const warning = "svlogd: warning: unable to lock directory: log: temporary failure\n";
    expect(await log(rig, "second\n", ["log"])).toMatchObject({
      code: 111,
      stderr: `${warning}svlogd: fatal: no functional log directories.\n`,
    });
    expect(await log(rig, "second\n", ["log", "other"])).toMatchObject({ code: 0, stderr: warning });
    expect(other.current()).toBe("second\n");
    expect(await first.finish()).toMatchObject({ code: 0, stderr: "" });
    expect(directory.current()).toBe("first\n");
  },
});

line("LOG-04", "has current at 0644 while it is open, and at 0744 after the end; lock stays at 0600", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig, ["log"], { under: umask("022") });
    await feedAndSee(rig, logger, directory, "a\n");
    expect([directory.mode("current"), directory.mode("lock")]).toEqual(["644", "600"]);
    expect(await logger.finish()).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(directory.names()).toEqual(["current", "lock"]);
    expect([directory.mode("current"), directory.mode("lock")]).toEqual(["744", "600"]);
    expect(directory.content("lock")).toBe("");
    const second = await startLogger(rig);
    await feedAndSee(rig, second, directory, "b\n");
    expect(directory.mode("current")).toBe("644");
    await second.finish();
    expect([directory.mode("current"), directory.current()]).toEqual(["744", "a\nb\n"]);
  },
});

line("LOG-20", "puts aside a current that a crash has left", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    writeFileSync(directory.file("current"), "torn\nhal");
    chmodSync(directory.file("current"), 0o644);
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "new\n");
    const old = directory.oldLogs();
    expect(old).toEqual([expect.stringMatching(/\.u$/)]);
    expect(directory.content(old[0] ?? "")).toBe("torn\nhal");
    expect(directory.mode(old[0] ?? "")).toBe("644");
    expect([directory.current(), directory.mode("current")]).toEqual(["new\n", "644"]);
    expect(await logger.finish()).toMatchObject({ code: 0, stderr: "" });
  },
});

line("LOG-20", "appends to a current that is empty or was closed in order", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    writeFileSync(directory.file("current"), "");
    chmodSync(directory.file("current"), 0o644);
    await log(rig, "a\n");
    await log(rig, "b\n");
    expect(directory.current()).toBe("a\nb\n");
    expect(directory.oldLogs()).toEqual([]);
  },
});

line("LOG-36", "is killed by USR1, and leaves current at 0644", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    const logger = await startLogger(rig);
    await feedAndSee(rig, logger, directory, "a\n");
    logger.kill("SIGUSR1");
    expect(await logger.result()).toMatchObject({ code: undefined, signal: "SIGUSR1" });
    expect([directory.current(), directory.mode("current")]).toEqual(["a\n", "644"]);
    await log(rig, "b\n");
    expect(directory.oldLogs(".u").map((name) => directory.content(name))).toEqual(["a\n"]);
    expect(directory.current()).toBe("b\n");
  },
});

rigTest("writes lines to standard output for the directory -, with their stamps", ourSuites, async (rig) => {
  const directory = logDirectory(rig);
  const result = await log(rig, "a\nb\n", ["-tt", "log", "-"]);
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(result.stdout).toMatch(/^\S{25} a\n\S{25} b\n$/);
  expect(directory.current()).toBe(result.stdout);
});

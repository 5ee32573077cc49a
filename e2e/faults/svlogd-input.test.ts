/* Standard inputs that are not pipes. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { lines } from "../rig/runit/svlogd.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { allSuites, ourSuites } from "../rig/core/suites.ts";

for (const [name, text] of [
  ["an empty file", ""],
  ["a file", lines(1, 30_000)],
] as const) {
  rigTest(`takes ${name} for its input`, allSuites, async (rig) => {
    const directory = logDirectory(rig);
    writeFileSync(rig.path("input"), text);
    const stdin = openSync(rig.path("input"), "r");
    try {
      expect(await rig.run("svlogd", ["log"], { cwd: rig.root, stdin })).toMatchObject({ code: 0, stderr: "" });
    } finally {
      closeSync(stdin);
    }
    expect(directory.current()).toBe(text);
  });
}

rigTest("ends at the end of /dev/null", allSuites, async (rig) => {
  const directory = logDirectory(rig);
  expect(await rig.run("svlogd", ["log"], { cwd: rig.root })).toMatchObject({ code: 0, stderr: "" });
  expect(directory.current()).toBe("");
});

rigTest("reads from a socket, and wakes up for each line", allSuites, async (rig) => {
  const directory = logDirectory(rig);
  const go = rig.path("go");
  // Writes each further line when the line before has been logged.
  const parent = [
    "use Socket; socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die;",
    "if (!fork) { close A; open STDIN, '<&', \\*B; exec @ARGV[1..$#ARGV] or die }",
    "close B; syswrite A, qq(first\\n); select(undef, undef, undef, .02) until -e $ARGV[0];",
    "syswrite A, qq(second\\n); close A; wait; exit $? >> 8",
  ].join(" ");
  const command = rig.start("svlogd", ["log"], { cwd: rig.root, under: ["perl", "-e", parent, go] });
  await rig.until("the first line", () => directory.current() === "first\n");
  writeFileSync(go, "");
  expect(await rig.result(command)).toMatchObject({ code: 0, stderr: "" });
  expect(directory.current()).toBe("first\nsecond\n");
});

rigTest("says that it cannot read its input, and tries again until TERM", ourSuites, async (rig) => {
  logDirectory(rig);
  const stdin = openSync(rig.root, "r");
  const command = rig.start("svlogd", ["log"], { cwd: rig.root, stdin });
  closeSync(stdin);
  await rig.until("two messages", () => /^(?:[^\n]+\n){2}/.test(command.stderr()));
  expect(command.stderr()).toMatch(/^(?:svlogd: warning: unable to read standard input: is a directory\n)+$/);
  command.kill("SIGTERM");
  expect(await rig.result(command)).toMatchObject({ code: 0 });
});

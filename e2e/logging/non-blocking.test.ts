/*
 * O_NONBLOCK belongs to an open file. A program that sets it on its output, as Node, Go and ssh do, must not lose the lines
 * of the one that comes after it.
 */
import { existsSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

const perl = (...lines: readonly string[]): { readonly text: string } => ({
  text: ["#!/usr/bin/perl", "use Fcntl;", ...lines, ""].join("\n"),
});

const setFlag = (handle: string): string =>
  `fcntl(${handle}, F_SETFL, fcntl(${handle}, F_GETFL, 0) | O_NONBLOCK) or die;`;

const count = 20_000;
/** Writes all lines, and does not look whether that works. */
const write = `for my $n (1 .. ${count}) { syswrite STDOUT, "line $n of a program that does not look back\\n" }`;
/** Notes the flags that it has found on its standard output. */
const noteFlag = `open my $flags, ">>", "flags"; print $flags (fcntl(STDOUT, F_GETFL, 0) & O_NONBLOCK ? "set\\n" : "clear\\n"); close $flags;`;

/** Its first start leaves the flag behind, the second one writes; so does finish where that is asked for. */
const careless = perl(
  `if (!-e "again") { open my $again, ">", "again"; close $again; ${setFlag("STDOUT")} ${setFlag("STDERR")} exit 0 }`,
  noteFlag,
  write,
  "sleep 1000 while 1;",
);

const slowLogger = perl(
  'open my $lines, ">>", "lines" or die;',
  "while (sysread STDIN, my $text, 4096) { syswrite $lines, $text; select undef, undef, undef, 0.0005 }",
);

const linesOf = (text: string): number => text.split("\n").filter((line) => line.includes("does not look back")).length;

rigTest("a start that comes after one with a non-blocking log pipe loses no line", ourSuites, async (rig) => {
  const web = rig.service("web", { run: careless, log: { run: slowLogger } });
  await rig.runsv(web);
  await rig.until("all lines", () => linesOf(rig.read(web.file("log/lines"))) === count);
  expect(flags(rig, web)).toEqual(["clear"]);
});

rigTest("a start that comes after one with a non-blocking prefix loses no line", ourSuites, async (rig) => {
  const web = rig.service("web", { run: careless, files: { "log-prefix": "" } });
  const runsv = await rig.runsv(web);
  await rig.until("all lines", () => linesOf(runsv.stdout()) === count);
  expect(flags(rig, web)).toEqual(["clear"]);
});

rigTest("finish loses no line after a run with a non-blocking output", ourSuites, async (rig) => {
  for (const spec of [{ log: { run: slowLogger } }, { files: { "log-prefix": "" } }]) {
    const name = "log" in spec ? "logged" : "prefixed";
    const run = perl(setFlag("STDOUT"), "exit 0;");
    const web = rig.service(name, { run, finish: perl(noteFlag, write, "sleep 1000 while 1;"), ...spec });
    const runsv = await rig.runsv(web);
    const text = (): string => (name === "logged" ? rig.read(web.file("log/lines")) : runsv.stdout());
    await rig.until("all lines", () => linesOf(text()) === count);
    expect(flags(rig, web)).toEqual(["clear"]);
  }
});

rigTest("a service that inherits its output finds it blocking at each start", ourSuites, async (rig) => {
  const run = perl(noteFlag, setFlag("STDOUT"), "exit 0;");
  const web = rig.service("web", { run });
  // A file would take all lines in any case.
  await rig.runsv(web, { under: ["sh", "-c", '"$@" | exec cat', "sh"] });
  await rig.until("two starts", () => flags(rig, web).length >= 2);
  expect(flags(rig, web).slice(0, 2)).toEqual(["clear", "clear"]);
});

rigTest("a logger that comes after one with a non-blocking input waits for lines", ourSuites, async (rig) => {
  const logger = perl(
    `if (!-e "again") { open my $again, ">", "again"; close $again; ${setFlag("STDIN")} exit 0 }`,
    'open my $lines, ">>", "lines" or die;',
    "while (defined(my $got = sysread STDIN, my $text, 4096)) { last if $got == 0; syswrite $lines, $text }",
    'print $lines "error: $!\\n"; close $lines;',
  );
  const web = rig.service("web", { run: [], log: { run: logger } });
  await rig.runsv(web);
  await web.run.started();
  await rig.until("the second logger", () => existsSync(web.file("log/lines")));
  await web.run.tell("line one");
  await rig.until("the line", () => rig.read(web.file("log/lines")) !== "");
  expect(rig.read(web.file("log/lines"))).toBe("one\n");
});

function flags(rig: TestRig, web: ScriptedService): readonly string[] {
  return rig.read(web.file("flags")).split("\n").filter(Boolean);
}

/* sv log: what real loggers have written, and where they write it. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { type Need, program } from "../rig/core/needs.ts";
import { withStock } from "../rig/runit/sv.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

interface LoggerCase {
  readonly name: string;
  readonly needs?: Need;
  /** The last line of `log/run`; `$1` is the log directory, which sv cannot know from the script. */
  readonly command: string;
  readonly hasTime?: boolean;
}

const s6 = program("s6-log", "s6");
/** Runs the processors of s6-log. */
const execline = program("execlineb", "execline");
const daemontools = program("multilog", "daemontools");
const cases: readonly LoggerCase[] = [
  { name: "svlogd without stamps", command: 'svlogd "$1"', hasTime: false },
  { name: "svlogd -t", command: 'svlogd -t "$1"' },
  { name: "svlogd -tt", command: 'svlogd -tt "$1"' },
  { name: "svlogd -ttt", command: 'svlogd -ttt "$1"' },
  { name: "s6-log t", needs: s6, command: 's6-log t "$1"' },
  { name: "s6-log T", needs: s6, command: 's6-log T "$1"' },
  { name: "multilog t", needs: daemontools, command: 'multilog t "$1"' },
];

/** A service that writes these lines and then sleeps, with a log directory that only the running logger tells of. */
async function logging(
  rig: TestRig,
  name: string,
  command: string,
  ...run: readonly string[]
): Promise<ScriptedService> {
  const place = rig.path(`elsewhere/${name}`);
  mkdirSync(place, { recursive: true });
  const log = { run: shell(`set -- ${place}`, `exec ${command}`) };
  const service = rig.service(name, { run: shell(...run, "exec sleep 600"), log });
  await rig.runsv(service);
  return service;
}

interface JsonLine {
  readonly service: string;
  readonly time: string | null;
  readonly line: string;
}

async function readJson(rig: TestRig, words: readonly string[]): Promise<readonly JsonLine[]> {
  const { code, stdout, stderr } = await rig.run("sv", ["log", "--json", ...words], { env: { TZ: "Asia/Kolkata" } });
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JsonLine);
}

rigTest("finds and reads the logs of svlogd, s6-log and multilog, with all their stamps", withStock, async (rig) => {
  const begin = Date.now();
  const there = cases.filter(({ needs }) => needs === undefined);
  for (const { needs } of cases) if (needs !== undefined) rig.note(`left out: ${needs}`);
  for (const [index, { command }] of there.entries()) {
    // s6-log's local time is that of its environment.
    await logging(rig, `web${index}`, `env TZ=Asia/Kolkata ${command}`, "echo one", "echo two");
  }
  await rig.until("all lines", async () => (await readJson(rig, [])).length === 2 * there.length);
  for (const [index, { name, hasTime = true }] of there.entries()) {
    const lines = await readJson(rig, [`web${index}`]);
    expect([name, ...lines.map(({ line }) => line)]).toEqual([name, "one", "two"]);
    const times = lines.map(({ time }) => (time === null ? null : Date.parse(time)));
    const areNow = times.every((time) => time !== null && time > begin - 1000 && time < Date.now() + 1000);
    expect([name, hasTime ? areNow : times]).toEqual([name, hasTime ? true : [null, null]]);
  }
});

/** Loggers that compress small logs: one is full after two dozen lines, or a hundred. `$1` is the log directory. */
const rotating: readonly LoggerCase[] = [
  { name: "svlogd", command: `sh -c 'printf "s1000\\nn0\\n!gzip\\n" >"$1/config"; exec svlogd -tt "$1"' sh "$1"` },
  { name: "s6-log", needs: s6 ?? execline, command: 's6-log t s4096 n100 "!gzip" "$1"' },
  { name: "multilog", needs: daemontools, command: 'multilog t s4096 n100 "!gzip" "$1"' },
];

rigTest("follows logs across rotations without losing or repeating a line", withStock, async (rig) => {
  const count = 400;
  const lines = `i=0; while [ $i -lt ${count} ]; do i=$((i + 1)); echo line $i; done`;
  for (const { needs } of rotating) if (needs !== undefined) rig.note(`left out: ${needs}`);
  const there = rotating.filter(({ needs }) => needs === undefined);
  const go = rig.path("go");
  for (const { name, command } of there)
    await logging(rig, name, command, `until [ -e ${go} ]; do sleep 0.1; done`, lines);
  for (const { name } of there) {
    await rig.until(`the log of ${name}`, () => rig.exists(rig.path(`elsewhere/${name}/current`)));
  }
  const followers = there.map(({ name }) => rig.start("sv", ["log", "-f", "-n", "all", name]));
  writeFileSync(go, "");
  const all = Array.from({ length: count }, (_, index) => `line ${index + 1}`);
  for (const [index, { name }] of there.entries()) {
    const shown = (): string => followers[index]?.stdout() ?? "";
    await rig.until(`the last line of ${name}`, () => shown().includes(`line ${count}\n`));
    expect([...shown().matchAll(/line \d+$/gm)].map(([line]) => line)).toEqual(all);
    followers[index]?.kill("SIGTERM");
    expect((await readJson(rig, ["-n", "all", name])).map(({ line }) => line)).toEqual(all);
    const old = readdirSync(rig.path(`elsewhere/${name}`)).filter((file) => file.startsWith("@"));
    expect([name, old.length > 0]).toEqual([name, true]);
  }
});

rigTest("merges the logs of several services by time, behind their names", withStock, async (rig) => {
  const turn = (path: string): string => `until [ -e ${path} ]; do sleep 0.01; done`;
  const mark = (name: string): string => rig.path(name);
  const own = (name: string): string => `until grep -q ${name} ${rig.path("elsewhere")}/*/current; do sleep 0.01; done`;
  await logging(
    rig,
    "a",
    'svlogd -t "$1"',
    "echo first",
    own("first"),
    `: >${mark("1")}`,
    turn(mark("2")),
    "echo third",
  );
  await logging(rig, "bb", 'svlogd -tt "$1"', turn(mark("1")), "echo second", own("second"), `: >${mark("2")}`);
  await rig.until("the third line", async () => (await rig.run("sv", ["log"])).stdout.includes("third"));
  const { stdout } = await rig.run("sv", ["log", "--utc"]);
  const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
  expect(stdout.replaceAll(time, "TIME")).toBe("a  TIME first\nbb TIME second\na  TIME third\n");
  expect((await readJson(rig, ["-n1", "a", "bb"])).map(({ line }) => line)).toEqual(["third"]);
  expect((await readJson(rig, ["--grep", "^s", "a", "bb"])).map(({ line }) => line)).toEqual(["second"]);
  expect(await readJson(rig, ["--until", "1h", "a", "bb"])).toEqual([]);
});

rigTest("says where it has looked for a log that it does not find", ourSuites, async (rig) => {
  rig.service("web", { files: { "log/run": "#!/bin/sh\nexec svlogd ./there\n" } });
  const { code, stdout, stderr } = await rig.run("sv", ["log", "web", "none"]);
  const log = rig.path("service/web/log");
  expect([code, stdout, stderr]).toEqual([
    2,
    "",
    `warning: web: no log found; looked at ${log}/there ${log}/main ${log} /var/log/web /var/log/sv/web /var/log/runit/web\n` +
      "warning: none: unable to change to service directory: file does not exist\n",
  ]);
});

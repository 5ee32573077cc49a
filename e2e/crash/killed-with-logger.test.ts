/*
 * SIGKILL of runsv and svlogd within half a second. While both are dead nobody reads the pipe, so a write fails with
 * EPIPE, and the service knows. A line whose write succeeded is in the log, once and in order.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { Chance } from "../rig/core/chance.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { signalProcess } from "../rig/process/processes.ts";
import { shell } from "../rig/runit/available.ts";
import { sizeOfLogs, readLogs } from "../rig/runit/log-files.ts";
import { runsvOf, startRunsvdir } from "../rig/runit/runsvdir.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";

const rounds = 4;
/** Milliseconds. */
const apart = 500;

/**
 * Writes numbered lines. The numbers of those that it could not write are in `failed`, the last one is in `last`, and
 * each start leaves a line in `starts`.
 */
const writer = [
  "#!/usr/bin/perl",
  '$SIG{PIPE} = "IGNORE"; $SIG{TERM} = sub { $end = 1 };',
  'open my $starts, ">>", "starts"; print $starts "$$\\n"; close $starts;',
  'open my $failed, ">>", "failed" or die;',
  "my $n = 0;",
  "until ($end) {",
  "  $n++;",
  '  syswrite $failed, "$n\\n" unless syswrite STDOUT, "$n\\n";',
  "  select undef, undef, undef, 0.001;",
  "}",
  'open my $last, ">", "last"; print $last $n;',
  "",
].join("\n");

rigTest("loses no written line when runsv and svlogd are killed together", ourSuites, async (rig) => {
  const chance = new Chance(rig);
  const web = rig.service("web", {
    run: { text: writer },
    log: { run: shell("mkdir -p main", "exec svlogd main") },
  });
  const main = web.file("log/main");
  const size = (): number => (rig.exists(`${main}/current`) ? sizeOfLogs(main) : 0);
  const runsvdir = startRunsvdir(rig);
  for (let round = 0; round < rounds; round += 1) {
    const before = size();
    await rig.until("more lines", () => size() > before + 100);
    const logger = await rig.until("the logger", () => web.log.supervise.pid());
    const runsv = await rig.until("runsv", () => runsvOf(runsvdir.pid)[0]?.pid);
    const [first, second] = round % 2 === 0 ? [logger, runsv] : [runsv, logger];
    signalProcess(first, "SIGKILL");
    // In one round nobody can have replaced the first one yet.
    await sleep(round === 1 ? 0 : chance.below(apart));
    signalProcess(second, "SIGKILL");
    await rig.until("both successors", () => {
      const now = [runsvOf(runsvdir.pid)[0]?.pid, web.log.supervise.pid()];
      return now.every((pid) => pid !== undefined) && now[0] !== runsv && now[1] !== logger;
    });
  }
  const before = size();
  await rig.until("more lines", () => size() > before + 100);
  // The runsv after this one is to start nothing.
  writeFileSync(web.file("down"), "");
  expect(await sv(rig, ["shutdown", "web"])).toMatchObject({ code: 0 });
  const failed = new Set(rig.read(web.file("failed")).split("\n").filter(Boolean));
  const logged = readLogs(main).join("").split("\n").filter(Boolean);
  const written = Array.from({ length: Number(rig.read(web.file("last"))) }, (_, at) => `${at + 1}`).filter(
    (line) => !failed.has(line),
  );
  expect(rig.read(web.file("starts")).trim().split("\n")).toHaveLength(1);
  expect(logged).toEqual(written);
});

rigTest(
  "a logger that is killed while it takes the last lines is started once more for them",
  ourSuites,
  async (rig) => {
    // The first one reads nothing.
    const log = { run: shell("test -e first && exec cat >>lines", "mkdir first", "exec sleep 600") };
    const web = rig.service("web", { run: shell("echo the last line", "exec sleep 600"), log });
    const runsv = await rig.runsv(web);
    await web.stat("run");
    const first = await rig.until(
      "the first logger",
      () => rig.exists(web.file("log/first")) && web.log.supervise.pid(),
    );
    web.supervise.control("x");
    await web.stat("down");
    await rig.until("the end of its input", () => web.log.supervise.stat() === "run, want exit");
    signalProcess(first, "SIGKILL");
    expect(await rig.result(runsv)).toMatchObject({ code: 0, stderr: "" });
    expect(rig.read(web.file("log/lines"))).toBe("the last line\n");
  },
);

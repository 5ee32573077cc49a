/* SIGKILL of runit's runsv: ours goes on with what it finds, as with what one of ours has left, and with nothing else. */
import { appendFileSync, closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { execaSync } from "execa";
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites, standalone, stock } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { bootMillis, isAlive } from "../rig/process/processes.ts";
import type { RunningCommand } from "../rig/process/running-command.ts";
import { recorded } from "../rig/runit/runsv.ts";
import { stateJson, stateToBe } from "../rig/runit/state-json.ts";
import { sv } from "../rig/runit/sv.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";

const needs = stock.available ? undefined : stock.reason;

/** runit's runsv, once it supervises. */
async function startStock(rig: TestRig, service: ScriptedService): Promise<RunningCommand> {
  const runsv = rig.start(stock.command("runsv"), [service.name]);
  await rig.until("runit's runsv to supervise", () => service.supervise.isSupervised());
  return runsv;
}

async function kill(rig: TestRig, runsv: RunningCommand): Promise<void> {
  runsv.kill("SIGKILL");
  await rig.result(runsv);
}

/** A service that writes "line 1", "line 2" ..., and a logger that keeps them. */
function counting(rig: TestRig): ScriptedService {
  const run =
    '#!/usr/bin/perl\n$| = 1; for (my $n = 1; ; $n++) { print "line $n\\n"; select undef, undef, undef, 0.002 }\n';
  const log = [
    "#!/usr/bin/perl",
    'open my $lines, ">>", "lines" or die; my $end = 0; $SIG{TERM} = sub { $end = 1 };',
    "until ($end) { my $count = sysread STDIN, my $text, 65536; next unless defined $count; last if $count == 0; syswrite $lines, $text }",
    "",
  ].join("\n");
  return rig.service("web", { run: { text: run }, log: { run: { text: log } } });
}

rigTest(
  "a service and its log go on, no line is lost, and both are restarted when they end",
  ourSuites,
  async (rig) => {
    const web = counting(rig);
    const lines = (): readonly string[] => rig.read(web.file("log/lines")).split("\n").slice(0, -1);
    const pids = (): readonly string[] =>
      ["supervise/pid", "log/supervise/pid"].map((file) => rig.read(web.file(file)));
    const grown = async (): Promise<void> => {
      const before = lines().length;
      await rig.until("more lines", () => lines().length > before + 10);
    };
    const first = await startStock(rig, web);
    await rig.until("the first lines", () => lines().length > 10);
    const before = pids();
    await kill(rig, first);
    await rig.runsv(web);
    await grown();
    expect(pids()).toEqual(before);
    expect((await sv(rig, ["status", "web"])).stdout).toMatch(
      new RegExp(`^run: web: \\(pid ${before[0]?.trim()}\\) Ns; run: log: \\(pid ${before[1]?.trim()}\\) `),
    );
    // The pipe is the old one, so that either can be restarted beside the other.
    await sv(rig, ["restart", "web/log"]);
    await grown();
    expect(pids()[0]).toBe(before[0]);
    const found = lines();
    expect(found).toEqual(found.map((_, at) => `line ${at + 1}`));
    await sv(rig, ["kill", "web"]);
    await rig.until("a restart", () => pids()[0] !== before[0] && pids()[0] !== "");
    // What the one before has written last comes first.
    await rig.until("the first line once more", () => lines().filter((line) => line === "line 1").length === 2);
  },
  { needs },
);

rigTest(
  "what was asked for stays asked for, and a finish is waited for",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["trap TERM"], finish: [] });
    const first = await startStock(rig, web);
    const { pid } = await web.run.started();
    await web.stat("run");
    web.supervise.control("d");
    await web.stat("run, got TERM, want down");
    await kill(rig, first);
    const second = await rig.runsv(web);
    await web.stat("run, got TERM, want down");
    expect(web.supervise.pid()).toBe(pid);
    web.supervise.control("k");
    await web.finish.started();
    await web.finish.exit(0);
    await web.stat("down");
    web.supervise.control("x");
    expect((await rig.result(second)).code).toBe(0);

    const third = await startStock(rig, web);
    await web.run.started(2);
    await web.stat("run");
    await web.run.die("KILL");
    const finish = await web.finish.started(2);
    await web.stat("finish");
    await kill(rig, third);
    await rig.runsv(web);
    await stateToBe(rig, web, { state: "finish", pid: finish.pid });
    await web.finish.exit(0);
    await web.run.started(3);
    await web.stat("run");
    expect(web.finish.starts()).toHaveLength(2);
  },
  { needs },
);

rigTest(
  "it goes on also where one of ours had been before",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["exit-on TERM"], log: {} });
    const first = await rig.runsv(web);
    await web.run.started();
    await web.log.run.started();
    await stateToBe(rig, web, { state: "run" });
    web.supervise.control("x");
    await rig.result(first);
    const second = await startStock(rig, web);
    const { pid } = await web.run.started(2);
    const log = await web.log.run.started(2);
    await web.stat("run");
    await web.logStat("run");
    expect(stateJson(web)).toMatchObject({ state: "down" });
    await kill(rig, second);
    await rig.runsv(web);
    await stateToBe(rig, web, { state: "run", pid });
    expect(web.log.supervise.pid()).toBe(log.pid);
    expect(web.run.starts()).toHaveLength(2);
  },
  { needs },
);

rigTest(
  "a state.json of a version that is not known counts as none, and what runs is adopted all the same",
  ourSuites,
  async (rig) => {
    const web = rig.service("web", { run: ["trap TERM"], log: {} });
    const first = await rig.runsv(web);
    const { pid } = await web.run.started();
    const log = await web.log.run.started();
    await web.stat("run");
    await web.logStat("run");
    await recorded(rig, web);
    await kill(rig, first);
    for (const file of [web.file("supervise/state.json"), web.file("log/supervise/state.json")]) {
      overwrite(file, JSON.stringify({ ...(JSON.parse(rig.read(file)) as object), version: 2 }));
    }
    // sv of this version knows what runit's would.
    const status = await sv(rig, ["status", "--json", "web"]);
    expect(status.stdout).toMatch(/"starts": ?null/);
    await rig.runsv(web);
    await stateToBe(rig, web, { version: 1, state: "run", pid });
    expect(web.log.supervise.pid()).toBe(log.pid);
    await web.run.writeLine("after");
    await rig.until("the line", () => web.logged() === "after\n");
    expect(web.run.starts()).toHaveLength(1);
    await sv(rig, ["kill", "web"]);
    await web.run.started(2);
  },
);

/** Makes it uncertain whose the process is that runit's runsv has left. */
const doubts: Readonly<Record<string, (web: ScriptedService, other: number) => void>> = {
  "another process has its pid by now": (web, other) => {
    const status = readFileSync(web.file("supervise/status"));
    status.writeUInt32LE(other, 12);
    overwrite(web.file("supervise/status"), status);
    overwrite(web.file("supervise/pid"), `${other}\n`);
  },
  "the files do not agree": (web) => appendFileSync(web.file("supervise/pid"), "1\n"),
  "its time is that of another start": (web) => {
    const status = readFileSync(web.file("supervise/status"));
    status.writeBigUInt64BE(status.readBigUInt64BE(0) - 3600n);
    overwrite(web.file("supervise/status"), status);
  },
};

for (const [what, raise] of Object.entries(doubts)) {
  rigTest(
    `nothing is adopted or signalled where ${what}`,
    what.startsWith("another") ? ourSuites : [standalone],
    async (rig) => {
      const web = rig.service("web", { run: ["trap TERM"] });
      const first = await startStock(rig, web);
      const { pid } = await web.run.started();
      await web.stat("run");
      const other = rig.service("other", { run: ["trap TERM"] });
      const others = await startStock(rig, other);
      const victim = await other.run.started();
      await other.stat("run");
      await kill(rig, first);
      await kill(rig, others);
      // Within a second of its birth, a file that names it could have been written by who started it.
      const bornBy = bootMillis();
      await rig.until("another second", () => bootMillis() - bornBy > 1100);
      raise(web, victim.pid);
      await rig.runsv(web);
      const own = await web.run.started(2);
      await web.stat("run");
      await sv(rig, ["-w", "1", "force-stop", "web"]);
      await rig.until("the end of its own", () => !isAlive(own.pid));
      expect([pid, victim.pid].map(isAlive)).toEqual([true, true]);
      expect(other.run.signals()).toEqual([]);
    },
    { needs },
  );
}

rigTest(
  "a copy of the directory does not adopt what belongs to the original",
  [standalone],
  async (rig) => {
    const web = rig.service("web", { run: shell("cd /; exec sleep 1000") });
    const first = await startStock(rig, web);
    await web.stat("run");
    const pid = web.supervise.pid();
    await kill(rig, first);
    // A copy is made later than the start that it tells of.
    await rig.until("another second", () => Date.now() - statSync(web.file("supervise/pid")).ctimeMs > 1100);
    execaSync("cp", ["-a", web.path, rig.path("service/copy")]);
    rig.start("runsv", ["copy"]);
    const status = async (): Promise<string> => (await sv(rig, ["status", "copy"])).stdout;
    await rig.until("it to run", async () => (await status()).startsWith("run: copy: "));
    expect(await status()).not.toContain(`(pid ${pid})`);
    // Nothing else than its directory has changed: the original is adopted by its own.
    await rig.runsv(web);
    await stateToBe(rig, web, { state: "run", pid });
  },
  { needs },
);

/** Writes over a file, in place. */
function overwrite(path: string, content: string | Uint8Array): void {
  const fd = openSync(path, "w");
  writeSync(fd, typeof content === "string" ? Buffer.from(content) : content);
  closeSync(fd);
}

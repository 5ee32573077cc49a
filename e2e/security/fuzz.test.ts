/*
 * Anything in the place of every file that we read: no command waits for it, holds much memory, follows it, or prints
 * what it says. The tables of the documents say which files there are, so that none can be forgotten.
 *
 * Of a command that ends, `measured` shows the most memory, the time of the processor, and for how long it and its
 * descendants slept. None of these grows on a busy machine. A daemon sleeps by its nature: shown is that it becomes ready
 * or ends, what it has held and worked until then, and that it takes commands.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { costSoFar, measured, startMeasured } from "../rig/process/measured.ts";
import { root } from "../rig/process/under.ts";
import { faultsOf, mostMemory, mostWaiting, Outside, strangeLines, things } from "../rig/scripted/hostile-things.ts";
import { ofLog, ofScan, ofService, ofSupervise, superviseHostile } from "../rig/scripted/hostile-tree.ts";
import { now, ScriptedSupervisor } from "../rig/scripted/supervisor.ts";

test("the tables of the documents name every file that a start reads", () => {
  const source = readFileSync(join(repositoryRoot, "packages/service-directory/src/files/settings.ts"), "utf8");
  const read = [...source.matchAll(/(?:read|hasFlag|isExecutable)\("([\w-]+)"/g)].map(([, name = ""]) => name);
  expect(read.length).toBeGreaterThan(12);
  expect(read.filter((name) => !ofService.includes(name))).toEqual([]);
  expect([ofSupervise.length, ofLog.length, ofScan.length].every((count) => count >= 3)).toBe(true);
});

rigTest("the measure of waiting counts sleep of a descendant, and no work", [standalone], async (rig) => {
  const fifo = rig.path("fifo");
  const asleep = startMeasured(rig, "sh", ["-c", `mkfifo "$1"; cat "$1"; true`, "sh", fifo]);
  const busy = measured(rig, "perl", ["-e", "1 while (times)[0] < 1"]);
  await rig.until("it to have waited too long", () => asleep.waited() > mostWaiting);
  writeFileSync(fifo, "");
  expect((await asleep.result).waited).toBeGreaterThan(mostWaiting);
  expect((await busy).waited).toBeLessThan(mostWaiting / 2);
});

for (const [thing, make] of Object.entries(things)) {
  rigTest(
    `${thing} in the place of a file stops, fills and misleads no command`,
    [standalone],
    async (rig) => {
      const outside = new Outside(rig, make);
      const put = (path: string): void => outside.put(path);
      const faults = [
        ...(await superviseHostile(rig, put)),
        ...(await look(rig, put)),
        ...(await logAndSoOn(rig, put)),
      ];
      expect([...faults, ...outside.changes()]).toEqual([]);
    },
    { needs: root },
  );
}

/** sv on services whose files somebody else has made, and which a supervisor seems to have. */
async function look(rig: TestRig, put: (path: string) => void): Promise<readonly string[]> {
  using supervisors = new DisposableStack();
  const services = ofSupervise.map((file) => rig.path("seen", file));
  for (const path of services) {
    mkdirSync(path, { recursive: true });
    supervisors.use(new ScriptedSupervisor(path, { state: "run", at: now(), pid: 1, more: {} }));
  }
  for (const file of ofSupervise) put(rig.path("seen", file, "supervise", file));
  for (const file of ofService) put(rig.path("seen", "status", file.replace("/X", "/t")));
  const wait = { env: { SVWAIT: "1" } };
  const calls: readonly (readonly string[])[] = [
    ["status"],
    ["status", "--json"],
    ["list"],
    ["health"],
    ["check"],
    ["wait", "-t", "1", "ready"],
    ...["up", "down", "once", "hup", "start", "stop", "restart", "force-stop", "exit", "shutdown"].map((word) => [
      word,
    ]),
  ];
  const faults = calls.map(async (words) => {
    const answer = await measured(rig, "sv", [...words, ...services], wait);
    return faultsOf(`sv ${words.join(" ")}`, answer, services.length);
  });
  return (await Promise.all(faults)).flat();
}

/** The other commands, each with one file at a time. */
async function logAndSoOn(rig: TestRig, put: (path: string) => void): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const file of ofLog) {
    put(rig.path("log", file, file));
    faults.push(...(await startDaemon(rig, "svlogd", rig.path("log", file))));
  }
  for (const file of ofScan) {
    put(rig.path("scan", file, ".runsvdir", file));
    faults.push(...(await startDaemon(rig, "runsvdir", rig.path("scan", file))));
  }
  put(rig.path("devlog"));
  for (const socket of ["devlog", "devlog/log"]) faults.push(...(await startDaemon(rig, "devlog", rig.path(socket))));
  put(rig.path("env/NAME"));
  const answer = await measured(rig, "chpst", ["-e", rig.path("env"), "true"]);
  return [...faults, ...faultsOf("chpst -e", answer)];
}

/** Starts a daemon that ends or goes on, as it likes, and returns what is wrong with it once it is ready or has ended. */
async function startDaemon(rig: TestRig, command: string, operand: string): Promise<readonly string[]> {
  const daemon = rig.start(command, [operand]);
  const cost = await rig.until(`${command} ${operand} to be there`, () => {
    const found = costSoFar(daemon.pid);
    return daemon.ending !== undefined || found.isCatching || daemon.stderr() !== "" ? found : undefined;
  });
  daemon.kill("SIGKILL");
  await rig.result(daemon);
  return [
    ...(cost.memory > 2 * mostMemory ? [`${command} ${operand} holds ${cost.memory} kB`] : []),
    ...strangeLines(daemon.stderr()),
  ];
}

/*
 * A wall clock that is stepped. The machine's own must not be stepped, so most of these tests make what a step leaves
 * behind: stamps from the future or from long ago. With libfaketime, the clock of the processes under test is really
 * stepped, with one exception: runsv asks libc itself for its stamps, and so gets the true time. The tests of its pure
 * parts show that its deadlines do not depend on the wall clock.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { available, enable } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import type { Need } from "../rig/core/needs.ts";
import { isAlive } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { allSuites, mixedSuite, ourSuites, stock } from "../rig/core/suites.ts";
import { sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const hour = 3600;
const sharedMemory = "/dev/shm";

// libfaketime's shared memory outlives processes that are killed.
afterAll(() => {
  for (const name of existsSync(sharedMemory) ? readdirSync(sharedMemory) : []) {
    const pid = /faketime_s(?:hm|em)_(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(sharedMemory, name), { force: true });
  }
});

for (const [direction, seconds] of [
  ["back", hour],
  ["forth", -hour],
] as const) {
  rigTest(
    `shows and restarts a service since whose start the clock was stepped ${direction}`,
    allSuites,
    async (rig) => {
      const web = rig.service("web");
      await rig.runsv(web);
      const { pid } = await web.run.started();
      await web.stat("run");
      await rig.until("the status", () => web.supervise.status().pid === pid);
      restamp(web, seconds);
      const status = await rig.run("sv", ["status", "web"]);
      const shown = Number(/^run: web: \(pid \d+\) (\d+)s\n$/.exec(status.stdout)?.[1]);
      expect(shown).toBeGreaterThanOrEqual(Math.max(0, -seconds));
      expect(shown).toBeLessThan(Math.max(0, -seconds) + 60);
      expect(await sv(rig, ["restart", "web"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: run: /) });
      await web.run.started(2);
      restamp(web, seconds);
      expect(await sv(rig, ["stop", "web"])).toMatchObject({ code: 0 });
      expect(await sv(rig, ["start", "web"])).toMatchObject({ code: 0 });
    },
  );

  rigTest(
    `finds services in a scan directory since whose last change the clock was stepped ${direction}`,
    ourSuites,
    async (rig) => {
      const web = available(rig, "web", {});
      enable(rig, web);
      stepTimes(rig.services, seconds);
      const runsvdir = startRunsvdir(rig);
      await web.run.started();
      const api = available(rig, "api", {});
      enable(rig, api);
      stepTimes(rig.services, seconds);
      await api.run.started();
      await runsvToBe(rig, runsvdir.pid, "api", "web");
      expect(runsvdir.stderr()).toBe("");
    },
  );
}

const library = findLibrary();
const needs: Need = library === undefined ? "libfaketime; to enable: apt-get install faketime" : undefined;

for (const [direction, offset] of [
  ["back", "-1d"],
  ["forth", "+1d"],
] as const) {
  rigTest(
    `keeps the second between two starts, and finds services, over a step ${direction}`,
    ourSuites,
    async (rig) => {
      const clock = new SteppedClock(rig);
      const web = available(rig, "web", {});
      enable(rig, web);
      const runsvdir = startRunsvdir(rig, { env: clock.environment });
      await web.run.started();
      await web.run.exit(0);
      clock.step(offset);
      const [first, second] = [await web.run.started(), await web.run.started(2)];
      expect(second.startedAt - first.startedAt).toBeGreaterThanOrEqual(980);
      const api = available(rig, "api", {});
      enable(rig, api);
      await api.run.started();
      // The true clock, which the stamps show.
      expect(await sv(rig, ["restart", "web"])).toMatchObject({ code: 0 });
      expect(runsvdir.stderr()).toBe("");
    },
    { needs },
  );
}

// With stock runsv all stamps come from the stepped clock.
for (const suite of ourSuites) {
  const crossed = mixedSuite(`stock with sv of ${suite.name}`, stock, { sv: suite });
  rigTest(
    "sv restart sees a restart in the middle of which the clock is stepped back",
    [crossed],
    async (rig) => {
      const clock = new SteppedClock(rig);
      const web = rig.service("web", { control: { t: { text: clock.script("-1h") } } });
      await rig.runsv(web, { env: clock.environment });
      await web.run.started();
      await web.stat("run");
      const answer = await sv(rig, ["restart", "web"], { env: clock.environment });
      expect(answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ok: run: /) });
      // Stock runsv shows the new process before that has done anything.
      await web.run.started(2);
      expect(web.run.starts()).toHaveLength(2);
      expect(Date.now() / 1000 - web.supervise.status().seconds).toBeGreaterThan(hour - 60);
    },
    { needs },
  );
}

/** Moves the stamp of the status file, as if the clock had been stepped since it was written. */
function restamp(service: ScriptedService, seconds: number): void {
  const bytes = service.supervise.statusBytes();
  bytes.writeBigUInt64BE(bytes.readBigUInt64BE(0) + BigInt(seconds), 0);
  const path = service.file("supervise/status");
  writeFileSync(`${path}.test`, bytes);
  renameSync(`${path}.test`, path);
}

function stepTimes(path: string, seconds: number): void {
  const { mtimeMs } = statSync(path);
  utimesSync(path, mtimeMs / 1000 + seconds, mtimeMs / 1000 + seconds);
}

/** A clock for the processes that get its environment. */
class SteppedClock {
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: string;

  constructor(rig: TestRig) {
    this.#file = rig.path("clock");
    this.environment = {
      LD_PRELOAD: library ?? "",
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    };
    this.step("+0");
  }

  step(offset: string): void {
    writeFileSync(`${this.#file}.new`, `${offset}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** A control script that steps the clock, and then lets runsv send its signal. */
  script(offset: string): string {
    return `#!/bin/sh\necho ${offset} >${this.#file}.new && mv ${this.#file}.new ${this.#file}\nexit 1\n`;
  }
}

function findLibrary(): string | undefined {
  const paths = readdirSync("/usr/lib").map((name) => join("/usr/lib", name, "faketime/libfaketime.so.1"));
  return paths.find((path) => existsSync(path));
}

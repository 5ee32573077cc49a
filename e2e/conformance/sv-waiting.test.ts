import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { isAlive } from "../rig/process/processes.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { type Answer, answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/**
 * A service that is up and stays up, whatever sv asks. It has already been told to go down, so that its status
 * says so, however short a time sv waits.
 */
async function stubborn(rig: TestRig): Promise<{ readonly web: ScriptedService; readonly pid: number }> {
  const web = rig.service("web", { run: ["ignore TERM"] });
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  web.supervise.control("d");
  await web.stat("run, got TERM, want down");
  return { web, pid };
}

const timeout = (pid: number): Partial<Answer> =>
  answer(`timeout: run: web: (pid ${pid}) Ns, want down, got TERM\n`, 1);

line("SV-15", "stop gives a service up that ignores TERM when the time is over", {
  test: async (rig) => {
    const { pid } = await stubborn(rig);
    const answered = await sv(rig, ["-w", "1", "stop", "web"]);
    expect(answered).toMatchObject(timeout(pid));
    expect(answered.millis).toBeGreaterThanOrEqual(1000);
    expect(isAlive(pid)).toBe(true);
  },
});

line("SV-15", "the time is 7 seconds", {
  test: async (rig) => {
    const { pid } = await stubborn(rig);
    const answered = await sv(rig, ["stop", "web"], { env: { SVWAIT: undefined } });
    expect(answered).toMatchObject(timeout(pid));
    expect(answered.millis).toBeGreaterThanOrEqual(7000);
  },
});

line("SV-16", "force-stop kills such a service, and fails all the same", {
  test: async (rig) => {
    const { web, pid } = await stubborn(rig);
    const killed = answer(`kill: run: web: (pid ${pid}) Ns, want down, got TERM\n`, 1);
    expect(await sv(rig, ["-w", "1", "force-stop", "web"])).toMatchObject(killed);
    await web.stat("down");
    expect(isAlive(pid)).toBe(false);
  },
});

line("SV-21", "start gives a service up that crashes at each start", {
  test: async (rig) => {
    // Nothing ends sooner than what cannot be executed; still, stock sv may see it alive.
    const web = rig.service("web", { run: { text: "exit 0\n", mode: 0o644 } });
    await rig.runsv(web);
    await rig.until("a time-out", async () => {
      const answered = await sv(rig, ["-w", "2", "start", "web"]);
      if (answered.code === 0) return false;
      expect(answered).toMatchObject(answer("timeout: down: web: Ns, normally up, want up\n", 1));
      return true;
    });
  },
});

line("SV-33", "SVWAIT sets the time, and -w overrides it", {
  test: async (rig) => {
    const { pid } = await stubborn(rig);
    const long = await sv(rig, ["stop", "web"], { env: { SVWAIT: "2" } });
    expect(long).toMatchObject(timeout(pid));
    expect(long.millis).toBeGreaterThanOrEqual(2000);
    // With SVWAIT these would not end within the limits of the test.
    const env = { SVWAIT: "99999" };
    for (const seconds of ["1", "0", "", "x", "1x"]) {
      expect(await sv(rig, ["-w", seconds, "stop", "web"], { env })).toMatchObject(timeout(pid));
    }
    expect(await sv(rig, ["stop", "web"], { env: { SVWAIT: "soon" } })).toMatchObject(timeout(pid));
  },
});

line("SV-34", "-w 1 is over at the fourth look, after 1.68 s", {
  stock: async (rig) => {
    const { pid } = await stubborn(rig);
    const answered = await sv(rig, ["-w", "1", "stop", "web"]);
    expect(answered).toMatchObject(timeout(pid));
    // runit's clock has whole seconds here, so the first second may be short.
    expect(answered.millis).toBeGreaterThanOrEqual(0.42 * 3000);
  },
  ours: async (rig) => {
    const { pid } = await stubborn(rig);
    // On a busy machine a process takes long to start and to end: as long as one that need not wait.
    const isExact = async (): Promise<boolean> => {
      const { millis } = await sv(rig, ["status", "web"]);
      const answered = await sv(rig, ["-w", "1", "stop", "web"]);
      expect(answered).toMatchObject(timeout(pid));
      expect(answered.millis).toBeGreaterThanOrEqual(1000);
      return answered.millis - millis < 1300;
    };
    await rig.until("a time-out after one second", isExact, 300_000);
  },
  instead: "-w 1 is over after 1 s",
  because: "who waits for a change has no need to look at set times, and the time given is the time wanted",
});

/** A service that is down nearly all the time, waiting for its next start. */
async function crashing(rig: TestRig): Promise<ScriptedService> {
  const run = { text: "#!/bin/sh\necho >>starts\n" };
  const web = rig.service("web", { run, log: { run: ["trap HUP"] } });
  await rig.runsv(web);
  await rig.until("the first start", () => rig.read(web.file("starts")) !== "");
  return web;
}

/** Sends down and up in the shortest possible time. */
async function downAndUp(rig: TestRig, web: ScriptedService): Promise<void> {
  const { code, stdout, stderr } = await rig.run("sh", ["-c", "sv down web; sv up web"]);
  expect([code, stdout, stderr]).toEqual([0, "", ""]);
  await web.turn();
}

line("SV-40", "down and up while a service waits to be started again leave it down", {
  stock: async (rig) => {
    const web = await crashing(rig);
    // Both must come within the second in which runsv sleeps, and mostly they do.
    await rig.until("an up that is lost", async () => {
      await downAndUp(rig, web);
      return web.supervise.status().want === "d";
    });
    expect(await sv(rig, ["status", "web/"])).toMatchObject({
      stdout: expect.stringMatching(/^down: web\/: Ns, normally up;/),
    });
  },
  ours: async (rig) => {
    const web = await crashing(rig);
    await downAndUp(rig, web);
    const { length } = rig.read(web.file("starts"));
    await rig.until("another start", () => rig.read(web.file("starts")).length > length);
    expect(web.supervise.status().want).toBe("u");
  },
  instead: "up after down starts the service, whatever the status says at that moment",
  because: "the status may be older than the command before; so up is sent always",
});

line("SV-41", "restart and stop of a service whose control/t takes the signal on itself end in a time-out", {
  test: async (rig) => {
    const web = rig.service("web", { control: { t: { text: "#!/bin/sh\nexit 0\n" } } });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.run.tell("sleep 1");
    const still = `timeout: run: web: (pid ${pid}) Ns`;
    expect(await sv(rig, ["-w", "1", "restart", "web"])).toMatchObject(answer(`${still}\n`, 1));
    // With this the status changes within the second.
    web.supervise.control("d");
    await web.stat("run, want down");
    expect(await sv(rig, ["-w", "1", "stop", "web"])).toMatchObject(answer(`${still}, want down\n`, 1));
  },
});

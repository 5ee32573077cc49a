/* Many services, and many restarts. */
import { readdirSync } from "node:fs";
import { expect, vi } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { isAlive, processState, childrenOf } from "../rig/process/processes.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { Plan } from "../rig/scripted/program.ts";
import type { ScriptedService } from "../rig/scripted/service.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

// Beside all other tests it takes long to start so many processes.
const patience = 600_000;
vi.setConfig({ testTimeout: 2 * patience });

// A thousand cost a minute of the processor: by hand, with SERVICES=1000.
const many = Number(process.env["SERVICES"] ?? 300);

rigTest(
  `supervises ${many} services with as many runsv, and stops them in order`,
  ourSuites.filter(({ name }) => name === "standalone"),
  async (rig) => {
    const names = Array.from({ length: many }, (_, index) => `s${index}`);
    const run = shell("exec sleep 600");
    const services = names.map((name) => rig.service(name, { run }));
    // This leaves the processors to the other tests.
    const runsvdir = startRunsvdir(rig, {
      words: ["--orderly", "--stop-timeout", "600"],
      under: ["nice", "-n", "15"],
    });
    const waiting = new Set(services);
    await rig.until(
      "all services to run",
      () => {
        for (const service of waiting) if (service.supervise.stat() === "run") waiting.delete(service);
        return waiting.size === 0;
      },
      patience,
    );
    const status = rig.start("sv", ["status", ...names]);
    expect(await rig.until("the end of sv", () => status.ending, patience)).toMatchObject({ code: 0 });
    expect(status.stdout().replaceAll(/\d+/g, "N")).toBe("run: sN: (pid N) Ns\n".repeat(many));

    const pids = services.map((service) => service.supervise.status().pid);
    const supervisors = childrenOf(runsvdir.pid);
    expect(supervisors).toHaveLength(many);
    runsvdir.kill("SIGTERM");
    await rig.until("the end", () => runsvdir.ending, patience);
    expect(runsvdir.ending).toMatchObject({ code: 0 });
    expect([...pids, ...supervisors].filter(isAlive)).toEqual([]);
    expect(services.filter((service) => service.supervise.stat() !== "down")).toEqual([]);
    // It may have said for whom it waits, but it has killed nobody.
    expect(runsvdir.stderr()).not.toContain("unable");
  },
);

const ways: readonly Plan[] = [["exit 0"], ["exit 7"], ["die KILL"], ["die SEGV"]];

rigTest("keeps nothing of a service that ends again and again", ourSuites, async (rig) => {
  const services = ways.flatMap((run, index) => [
    rig.service(`plain${index}`, { run }),
    rig.service(`all${index}`, { run, finish: ["exit 1"], log: { run: ["exit-on TERM"] }, control: { u: ["exit 0"] } }),
  ]);
  await Promise.all(services.map(async (service) => await expectNothingKept(rig, service)));
});

async function expectNothingKept(rig: TestRig, service: ScriptedService): Promise<void> {
  const { pid } = await rig.runsv(service);
  const open = (): number | undefined =>
    service.supervise.stat() === "down" ? readdirSync(`/proc/${pid}/fd`).length : undefined;
  await service.run.started(2);
  const before = await rig.until("the descriptors of an idle supervisor", open);
  await service.run.started(6);
  // A runsv that says down may still have a file open that it has just written.
  await rig.until("no more descriptors than before", () => (open() ?? Infinity) <= before);
  await rig.until("the dead to be reaped", () => childrenOf(pid).every((child) => processState(child) !== "Z"));
}

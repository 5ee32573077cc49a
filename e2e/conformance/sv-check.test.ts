import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import type { ProgramSpec } from "../rig/scripted/program.ts";
import { answer, sv } from "../rig/runit/sv.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Starts a service with this check script, which is up; returns its pid. */
async function checked(rig: TestRig, check: ProgramSpec): Promise<number> {
  const web = rig.service("web", { check });
  await rig.runsv(web);
  const { pid } = await web.run.started();
  await web.stat("run");
  return pid;
}

line("SV-22", "a check that fails makes start end in a time-out, and its complaints are shown", {
  test: async (rig) => {
    const pid = await checked(rig, { text: "#!/bin/sh\necho not yet >&2\nexit 1\n" });
    // On a loaded machine it takes more than a second until the check says anything.
    const { code, stdout, stderr } = await sv(rig, ["-w", "15", "start", "web"]);
    expect([code, stdout]).toEqual([1, `timeout: run: web: (pid ${pid}) Ns\n`]);
    expect(stderr).toMatch(/^(?:not yet\n)+$/);
  },
});

line("SV-22", "a check has no standard output, and may fail of writing there", {
  stock: async (rig) => {
    const pid = await checked(rig, { text: "#!/bin/sh\necho fine || exit 1\n" });
    const { code, stdout } = await sv(rig, ["-w", "1", "start", "web"]);
    expect([code, stdout]).toEqual([1, `timeout: run: web: (pid ${pid}) Ns\n`]);
  },
  ours: async (rig) => {
    const pid = await checked(rig, { text: "#!/bin/sh\necho fine || exit 1\n" });
    expect(await sv(rig, ["start", "web"])).toMatchObject(answer(`ok: run: web: (pid ${pid}) Ns\n`));
  },
  instead: "what a check prints goes to /dev/null",
  because: "a check that prints something must not fail for that",
});

line("SV-22", "a check is run without arguments in the service directory, again and again until it passes", {
  test: async (rig) => {
    const web = rig.service("web", { check: ["exit 1"] });
    await rig.runsv(web);
    const { pid } = await web.run.started();
    await web.stat("run");
    const check = rig.start("sv", ["check", "web"], { env: { SVWAIT: "60" } });
    const { argv, cwd } = await web.check.started(2);
    // For a script, the kernel tells the path that was executed, not argv[0]; stock sv executes plain "check".
    expect([argv.length, cwd]).toEqual([1, web.path]);
    expect(argv[0]).toMatch(/^(?:\.\/)?check$/);
    expect(check.ending).toBeUndefined();
    web.check.install(["exit 0"]);
    expect((await rig.result(check)).stdout).toMatch(new RegExp(`^ok: run: web: \\(pid ${pid}\\) \\d+s\n$`));
  },
});

line("SV-23", "a check that cannot be run passes, with a warning", {
  test: async (rig) => {
    const cases: readonly (readonly [text: string, mode: number, reason: string])[] = [
      ["#!/bin/sh\nexit 1\n", 0o644, "access denied"],
      ["exit 1\n", 0o755, "exec format error"],
      ["#!/no/such/program\n", 0o755, "file does not exist"],
    ];
    for (const [number, [text, mode, reason]] of cases.entries()) {
      const name = `web${number}`;
      const service = rig.service(name, { check: { text, mode } });
      await rig.runsv(service);
      const { pid } = await service.run.started();
      await service.stat("run");
      const stderr = `warning: unable to run ${name}/check: ${reason}\n`;
      const expected = { code: 0, stdout: `ok: run: ${name}: (pid ${pid}) Ns\n`, stderr };
      expect(await sv(rig, ["start", name])).toMatchObject(expected);
    }
  },
});

/** A service that is never up: its run script cannot be executed. */
const broken: ProgramSpec = { text: "exit 0\n", mode: 0o644 };

line("SV-24", "check takes a service that has just crashed for one that is fine", {
  stock: async (rig) => {
    const web = rig.service("web", { run: broken });
    await rig.runsv(web);
    // Before execve fails, the service may be up for a moment.
    await rig.until("a look while it is down", async () => {
      const { code, stdout } = await sv(rig, ["check", "web"]);
      expect(code).toBe(0);
      return stdout === "ok: down: web: Ns, normally up, want up\n";
    });
  },
  ours: async (rig) => {
    const web = rig.service("web", { run: broken });
    await rig.runsv(web);
    const failed = answer("timeout: down: web: Ns, normally up, want up\n", 1);
    expect(await sv(rig, ["-w", "1", "check", "web"])).toMatchObject(failed);
    const check = rig.start("sv", ["check", "web"], { env: { SVWAIT: "60" } });
    web.run.install([]);
    const { pid } = await web.run.started();
    expect((await rig.result(check)).stdout).toMatch(new RegExp(`^ok: run: web: \\(pid ${pid}\\) \\d+s\n$`));
  },
  instead: "check waits until a service that is wanted up is up",
  because: "as runit 2.3.0",
});

line("SV-24", "check of a service that is wanted down is fine with that", {
  test: async (rig) => {
    const web = rig.service("web", { down: true });
    await rig.runsv(web);
    await web.stat("down");
    expect(await sv(rig, ["check", "web"])).toMatchObject(answer("ok: down: web: Ns\n"));
  },
});

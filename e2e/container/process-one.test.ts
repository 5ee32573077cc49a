import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { bootMachine, initCommand, ownMachine } from "../rig/container/namespaced-machine.ts";
import { existsOnMachine, privateMounts, withMounts } from "../rig/core/needs.ts";
import { allSuites, ourSuites, standalone, stock } from "../rig/core/suites.ts";

rigTest(
  "a machine boots into its services, and init 6 stops them in order and reboots",
  allSuites,
  async (rig) => {
    const web = rig.service("web");
    const init = initCommand(rig.suite);
    const machine = bootMachine(rig, {
      "1": ["install -m000 /dev/null /run/runit.stopit", "install -m000 /dev/null /run/runit.reboot"],
      // Debian's stage 2 empties the environment in this way.
      "2": [
        `(until sv status web | grep -q ^run:; do sleep 0.1; done; echo services are up; while [ ! -e /run/go ]; do sleep 0.1; done; ${init} 6) &`,
        `exec env - PATH="$PATH" runsvdir -P "$SVDIR"`,
      ],
      "3": ['sv force-stop "$SVDIR"/*', 'sv exit "$SVDIR"/*'],
    });
    await web.run.started();
    await machine.shows("services are up\n");
    machine.setFlag("/run/go", 0o644);
    expect(await machine.ended()).toBe("SIGHUP");
    const last = machine.console().replace(/^[^]*services are up\n/, "");
    expect(last).toMatch(/^- runit: leave stage: \/etc\/runit\/2\n- runit: enter stage: \/etc\/runit\/3\n/);
    expect(last).toMatch(/^ok: down: \S*\/web: \d+s, normally up/m);
    expect(last).toMatch(/- runit: system reboot\.\n$/);
  },
  { needs: ownMachine },
);

/** Debian's place for it. */
const stockInit = "/lib/runit/runit-init";

for (const [title, suites, init] of [
  ["Debian's init ends our runit", ourSuites, () => stockInit],
  ["our init ends Debian's runit", [stock], () => standalone.command("runit-init")],
] as const) {
  rigTest(
    title,
    suites,
    async (rig) => {
      const machine = bootMachine(rig, {
        "2": ['trap "exit 0" TERM', `${init()} 6`, "while :; do sleep 1 & wait $!; done"],
      });
      expect(await machine.ended()).toBe("SIGHUP");
      expect(machine.console()).toMatch(/- runit: system reboot\.\n$/);
    },
    {
      needs:
        ownMachine ?? existsOnMachine(stockInit, "runit") ?? (standalone.available ? undefined : standalone.reason),
    },
  );
}

rigTest(
  "the executable called as init is runit as process 1, and tells it to end otherwise",
  ourSuites.filter(({ name }) => name === "standalone"),
  async (rig) => {
    const init = rig.path("init");
    symlinkSync(rig.suite.command("upkeep"), init);
    const stay = ['trap "exit 0" TERM', init, `${init} 0`, "while :; do sleep 1 & wait $!; done"];
    const machine = bootMachine(rig, { "2": stay }, { command: [init] });
    expect(await machine.ended()).toBe("SIGINT");
    expect(machine.console()).toContain(`usage: ${init} 0|6\n`);
  },
  { needs: ownMachine },
);

rigTest(
  "runsvdir goes over to the services of the directory that runsvchdir makes current",
  allSuites,
  async (rig) => {
    const base = rig.path("etc/runsvdir");
    for (const name of ["one", "two"]) mkdirSync(join(base, name), { recursive: true });
    const web = rig.service("web", {}, join(base, "one"));
    const db = rig.service("db", {}, join(base, "two"));
    symlinkSync("one", join(base, "current"));
    rig.start("runsvdir", [join(base, "current")]);
    await web.run.started();
    const under = withMounts(`--bind ${rig.path("etc")} /etc/runit`);
    expect((await rig.run("runsvchdir", ["two"], { under })).stdout).toBe("runsvchdir: two: now current.\n");
    await db.run.started();
    await rig.until("web to be stopped", () => !web.supervise.isSupervised());
  },
  { needs: privateMounts },
);

/*
 * A Debian that runs Debian's runit becomes one that runs ours: the package takes over what runs, on a host that systemd
 * or sysvinit has booted.
 */
import { afterAll, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { standalone } from "../rig/core/suites.ts";
import { waitLimit } from "../rig/core/until.ts";
import { removeImages } from "../rig/container/images.ts";
import { packagesFailure } from "../rig/container/packaged-image.ts";
import { PodmanContainer } from "../rig/container/podman.ts";
import { runitHostImage } from "../rig/container/runit-image.ts";
import { current, packagesBuilt } from "../rig/packages/built-packages.ts";
import { CountingServices, shellBy } from "../rig/packages/counting-services.ts";

const needs = (await packagesFailure(runitHostImage)) ?? (await packagesBuilt());
afterAll(removeImages, 5 * waitLimit);

interface Boot {
  readonly title: string;
  readonly command: readonly string[];
  readonly flags: readonly string[];
}

const boots: readonly Boot[] = [
  {
    title: "systemd",
    command: ["/lib/systemd/systemd"],
    flags: ["--systemd=always", "--cap-add", "SYS_ADMIN"],
  },
  { title: "sysvinit", command: ["/sbin/init"], flags: ["--systemd=false"] },
];

/** A service without a log, which writes to what its runsvdir has for errors; and one that an operator has stopped. */
const others = `
mkdir -p /etc/sv/complaining /etc/sv/stopped
printf '#!/bin/sh\\nwhile :; do echo complaint >&2; sleep 0.1; done\\n' >/etc/sv/complaining/run
printf '#!/bin/sh\\nexec sleep 86400\\n' >/etc/sv/stopped/run
chmod +x /etc/sv/complaining/run /etc/sv/stopped/run
update-service --add /etc/sv/complaining && update-service --add /etc/sv/stopped`;

for (const { title, command, flags } of boots) {
  rigTest(
    `ten services and their logs move over live on a host of ${title}`,
    [standalone],
    async (rig) => {
      const volume = ["--volume", `${current.directory}:/now:ro`];
      await using container = await PodmanContainer.run(rig, runitHostImage.name, {
        flags: [...volume, ...flags],
        command,
      });
      const shell = shellBy((text) => container.exec(["sh", "-c", text]));
      const counting = new CountingServices(shell, "/etc/sv", "/var/log");
      const answers = async (script: string, text: RegExp): Promise<boolean> =>
        text.test((await container.exec(["sh", "-c", script])).stdout);
      await rig.until("runit's runsvdir", () => answers("pidof runsvdir", /^\d+\n$/));
      const former = await shell("pidof runsvdir");
      await counting.make();
      await shell(`${others} && ${counting.paths.map((path) => `update-service --add ${path}`).join(" && ")}`);
      const pids = await counting.toRun(rig);
      await rig.until("the other services to run", async () =>
        answers("sv status complaining stopped", /^run: complaining: .*\nrun: stopped: /),
      );
      expect(await shell("sv stop stopped")).toMatch(/^ok: down: stopped: /);
      const complaining = await shell("cat /etc/sv/complaining/supervise/pid");

      const said = await shell(`dpkg --force-confold -i /now/${current.debian} 2>&1`);
      expect(said).toContain("Removing runit");
      expect(said).toMatch(/^ok: taken over: runsvdir: \(pid \d+\)$/m);
      for (const name of [...counting.paths.map((path) => path.slice("/etc/sv/".length)), "complaining", "stopped"]) {
        expect(said).toMatch(new RegExp(`^ok: taken over: ${name}: \\(pid \\d+\\)$`, "m"));
      }
      await counting.expectUntouched(rig, pids);
      expect(await shell("pidof runsvdir")).not.toBe(former);
      expect(await shell("for pid in $(pidof runsvdir runsv); do readlink /proc/$pid/exe; done | sort -u")).toBe(
        "/usr/lib/upkeep/upkeep\n",
      );
      expect(await shell("cat /etc/sv/complaining/supervise/pid")).toBe(complaining);
      expect(await shell("sv status stopped")).toMatch(/^down: stopped: /);
      expect(await shell("sv status counting0")).toMatch(
        new RegExp(`^run: counting0: \\(pid ${pids[0]}\\) \\d+s; run: log: \\(pid ${pids[1]}\\) `),
      );
      // A crash is seen, and so are the commands of sv.
      const [, , crashing] = pids;
      await shell(`kill -KILL ${crashing}`);
      await rig.until("the restart", () => answers("sv show --json counting1", /"starts": ?2/));
      await rig.until("its log to go on", () => answers("grep -c ' line 3$' /var/log/counting1/current", /^2$/m));
      expect(await shell("sv restart counting2 counting2/log")).toMatch(/^ok: run: counting2: /m);
      // Now that the runsvdir is ours, it is renewed like any.
      expect(await shell("sv renew /etc/service")).toMatch(/^ok: renewed: runsvdir: /);
      const after = await counting.pids();
      expect(after?.slice(6)).toEqual(pids.slice(6));
    },
    { needs },
  );
}

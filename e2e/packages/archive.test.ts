/* The archive unpacked over `/`: on a base, and a newer and an older version over one that supervises. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { repositoryRoot } from "../rig/core/files.ts";
import { standalone } from "../rig/core/suites.ts";
import { waitLimit } from "../rig/core/until.ts";
import { baseImage, containers, removeImages } from "../rig/container/images.ts";
import { PodmanContainer } from "../rig/container/podman.ts";
import { current, next, packagesBuilt } from "../rig/packages/built-packages.ts";
import { CountingServices, shellBy } from "../rig/packages/counting-services.ts";

const layer = join(repositoryRoot, "dist/image/upkeep-layer.tar");
const needs = containers ?? (existsSync(layer) ? await packagesBuilt() : `${layer}; to enable: npm run image`);
afterAll(removeImages, 5 * waitLimit);

rigTest(
  "a newer and an older version unpacked over a running one restart no service",
  [standalone],
  async (rig) => {
    const script = "tar -C / -xpf /layer.tar && /usr/lib/upkeep/prepare && exec runsvdir -P --inline /etc/service";
    await using container = await PodmanContainer.run(rig, baseImage, {
      flags: [
        "--volume",
        `${layer}:/layer.tar:ro`,
        ...[current, next].flatMap(({ directory }, at) => ["--volume", `${directory}:/version${at}:ro`]),
      ],
      command: ["sh", "-c", script],
    });
    const shell = shellBy((text) => container.exec(["sh", "-c", text]));
    await rig.until(
      "runsvdir to run",
      async () => (await container.exec(["test", "-p", "/etc/service/.runsvdir/control"])).code === 0,
    );
    const counting = new CountingServices(shell, "/srv", "/var/log");
    await counting.make();
    await shell(`ln -s ${counting.paths.join(" ")} /etc/service/`);
    const pids = await counting.toRun(rig);
    for (const [at, before, after] of [
      [1, current, next],
      [0, next, current],
    ] as const) {
      await shell(`tar -C / -xpf /version${at}/${after.archive}`);
      // The new sv controls the old supervisor, then the new one. Both read what the other one has written.
      expect(await shell("sv --version && sv cont counting0 && sv status counting0")).toMatch(
        new RegExp(`^sv ${after.version}\nrun: counting0: \\(pid \\d+\\) \\d+s; run: log: `),
      );
      const renewed = await shell("sv -w 60 renew");
      expect(renewed).toContain(`ok: renewed: runsvdir: (pid 1) version ${after.version}, before ${before.version}\n`);
      await counting.expectUntouched(rig, pids);
      expect(await shell("sv show --json counting0")).toMatch(/"starts": ?1\b/);
    }
    // A crash and a stop end what the versions have handed on to each other.
    await shell(`kill -KILL ${pids[0]}`);
    await rig.until("a restart", async () => /"starts": ?2\b/.test(await shell("sv show --json counting0")));
    expect(await shell("sv stop counting0")).toMatch(/^ok: down: counting0: /);
  },
  { needs },
);

/*
 * Definitions of s6-rc and a tree of s6-overlay after an import: order, readiness, logs, and what is down.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

function lay(rig: TestRig, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(rig.path(path)), { recursive: true });
    writeFileSync(rig.path(path), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
  }
}

async function come(rig: TestRig, source: string): Promise<void> {
  const imported = await rig.run("upkeep-import", ["--to", rig.services, rig.path(source)]);
  expect([imported.code, imported.stderr]).toEqual([0, ""]);
  const findings = await rig.run("sv", ["lint", "--strict", rig.services]);
  expect(findings.code, findings.stdout).toBe(0);
  rig.start("runsvdir", [rig.services], { cwd: "/", env: { LOG: rig.path("log") } });
}

const stays = "exec sleep 1000\n";

rigTest(
  "definitions of s6-rc start in their order, log where they did, and what no bundle names is down",
  ourSuites,
  async (rig) => {
    lay(rig, {
      "rc/default/type": "bundle\n",
      "rc/default/contents.d/all": "",
      "rc/all/type": "bundle\n",
      "rc/all/contents": "web\n",
      "rc/web/type": "longrun\n",
      "rc/web/run": `#!/bin/sh\necho "web in \${PWD##*/}"\nexec ./data/stay\n`,
      "rc/web/data/stay": `#!/bin/sh\n${stays}`,
      "rc/web/producer-for": "web-log\n",
      "rc/web/dependencies.d/db": "",
      "rc/web-log/type": "longrun\n",
      "rc/web-log/run": `#!/bin/sh\nread -r line\necho "logged $line" >>"$LOG"\nexec cat >/dev/null\n`,
      "rc/web-log/consumer-for": "web\n",
      "rc/db/type": "longrun\n",
      "rc/db/run": `#!/bin/sh\necho db >>"$LOG"\nuntil [ -e ${rig.path("ready")} ]; do sleep 0.05; done\necho >&3\n${stays}`,
      "rc/db/notification-fd": "3\n",
      "rc/db/dependencies": "init\n",
      "rc/init/type": "oneshot\n",
      "rc/init/up": `# sets up\n${rig.path("init.sh")} a b\n`,
      "init.sh": `#!/bin/sh\necho "init $*" >>"$LOG"\n`,
      "rc/other/type": "longrun\n",
      "rc/other/run": `#!/bin/sh\n${stays}`,
    });
    await come(rig, "rc");
    const log = (): string => rig.read(rig.path("log"));
    await rig.until("db to run", () => log() === "init a b\ndb\n");
    await rig.until("web to wait", async () => (await rig.run("sv", ["status", "web"])).stdout.startsWith("down: web"));
    writeFileSync(rig.path("ready"), "");
    await rig.until("web to run", () => log() === "init a b\ndb\nlogged web in web\n");
    const status = await rig.run("sv", ["status", "other"]);
    expect(status.stdout).toMatch(/^down: other: \d+s\n$/);
  },
);

rigTest("a tree of s6-overlay runs cont-init.d before its services", ourSuites, async (rig) => {
  lay(rig, {
    "rootfs/etc/cont-init.d/10-first": `#!/usr/bin/with-contenv bash\necho "\${BASH##*/} first" >>"$LOG"\n`,
    "rootfs/etc/cont-init.d/20-second": `#!/command/with-contenv sh\necho second >>"$LOG"\n`,
    "rootfs/etc/services.d/web/run": `#!/usr/bin/with-contenv sh\necho web >>"$LOG"\n${stays}`,
  });
  await come(rig, "rootfs");
  await rig.until("web to run", () => rig.read(rig.path("log")) === "bash first\nsecond\nweb\n");
});

rigTest("service directories are looked at, and stay where they are", ourSuites, async (rig) => {
  lay(rig, {
    "sv/good/run": `#!/bin/sh\n${stays}`,
    "sv/bad/run": "#!/bin/sh\nsleep 1 &\n",
    "sv/bad/restart": "sometimes\n",
  });
  const { code, stdout, stderr } = await rig.run("upkeep-import", [rig.path("sv")]);
  expect(code).toBe(0);
  expect(stdout).toContain("it is a service directory already");
  expect(stderr).toContain(`${rig.path("sv/bad/restart")}:1: ${rig.path("sv/bad")}: `);
});

/* The programs that are process 1, with anything in the place of each file that they use: see fuzz.test.ts. */
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { NamespacedContainer, ownContainer } from "../rig/container/namespaced-container.ts";
import { bootMachine, initCommand, ownMachine } from "../rig/container/namespaced-machine.ts";
import { standalone } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { measured } from "../rig/process/measured.ts";
import { root } from "../rig/process/under.ts";
import { faultsOf, Outside, things } from "../rig/scripted/hostile-things.ts";

/** A /dev of its own: whoever followed a link to it would change that of the machine. */
const ownDev = [
  "mkdir -p /run/dev",
  "mount -t tmpfs none /run/dev",
  "mknod -m 666 /run/dev/null c 1 3",
  "mknod -m 666 /run/dev/zero c 1 5",
  "touch /run/dev/console",
  "if [ -e /dev/console ]; then mount --bind /dev/console /run/dev/console; fi",
  "mount --move /run/dev /dev",
].join(" && ");

/** Files of which each is tried together with all others of its line, so that one does not hide another. */
const ofContainer: readonly (readonly string[])[] = [
  [
    "container_environment/NAME",
    "container_environment/PATH",
    "container_environment.sh",
    "container_environment.json",
    "container_environment.sh.new",
    "my_init.d/one",
    "rc.local",
    "my_init.pre_shutdown.d/one",
    "my_init.post_shutdown.d/one",
    "service/entry",
  ],
  ["container_environment", "my_init.d", "my_init.pre_shutdown.d", "my_init.post_shutdown.d", "service"],
];

for (const [thing, make] of Object.entries(things)) {
  rigTest(
    `${thing} in the place of a file stops, fills and misleads no my_init`,
    [standalone],
    async (rig) => {
      const outside = new Outside(rig, make);
      const faults: string[] = [];
      for (const files of ofContainer) faults.push(...(await boot(rig, outside, thing, files)));
      for (const file of ["my_init.d/one", "my_init.post_shutdown.d/one"]) {
        faults.push(...(await boot(rig, outside, thing, [file], true)));
      }
      expect([...faults, ...outside.changes()]).toEqual([]);
    },
    { needs: root ?? ownContainer },
  );

  rigTest(
    `${thing} in the place of a file stops and misleads neither runit nor init`,
    [standalone],
    async (rig) => {
      const outside = new Outside(rig, make);
      const init = initCommand(rig.suite);
      // The flags of root's are followed: Void makes links of them.
      const flags = /root's|30 MB/.test(thing) ? [] : ["stopit", "reboot"];
      for (const name of [...flags, "ctrlaltdel", "nosync", "3"]) outside.put(rig.path("machine/etc", name));
      mkdirSync(rig.path("run"));
      for (const name of flags) outside.put(rig.path("run", `runit.${name}`));
      const under = ["sh", "-c", `cp -a "$0/." /run && ${ownDev} && exec "$@"`, rig.path("run")];
      const scripts = { "1": [`${init} 0`, `${init} 6`], "2": ["kill -CONT 1", "kill -INT 1"], "3": null };
      const machine = bootMachine(rig, scripts, { under });
      expect(await machine.ended()).toMatch(/^SIG(?:INT|HUP)$/);
      const form = /^(?:- runit: |init: (?:fatal|warning): )\P{Cc}{1,200}$/u;
      const said = machine.console().split("\n");
      expect(said.filter((line) => line !== "" && !form.test(line))).toEqual([]);
      expect(outside.changes()).toEqual([]);
    },
    { needs: root ?? ownMachine },
  );
}

/** my_init with a main command that ends at once. */
async function boot(
  rig: TestRig,
  outside: Outside,
  thing: string,
  files: readonly string[],
  isExecutable = false,
): Promise<readonly string[]> {
  const box = new NamespacedContainer(rig, `etc-${files.length}-${files[0]?.replace("/", "-")}`);
  for (const file of files) {
    // Root's directory, in which links are followed, and what has a second name is written in place.
    if (/root's/.test(thing) && /environment(?:\/PATH|\.sh|\.json)$/.test(file)) continue;
    if (/30 MB/.test(thing) && file.endsWith("/PATH")) continue;
    const path = box.inside(file);
    outside.put(path);
    if (isExecutable && isPlain(path)) chmodSync(path, 0o755);
  }
  const [command = "", ...operands] = box.words({ before: ownDev, words: ["--", "true"] });
  const answer = await measured(rig, command, operands);
  // The form of its messages, which are those of the field otherwise.
  const stderr = answer.stderr.replaceAll(/^\*\*\* /gm, "my_init: info: ");
  return faultsOf(`my_init with ${files.join(", ")}`, { ...answer, stderr }, 40);
}

/** False for a file that has a name outside as well. */
function isPlain(path: string): boolean {
  const found = lstatSync(path);
  return found.isFile() && found.nlink === 1;
}

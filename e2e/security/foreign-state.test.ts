/*
 * A `state.json` that its user has replaced: it costs root's commands, and services that depend on it, nothing.
 */
import { basename } from "node:path";
import { expect } from "vitest";
import { asItsUser, twoUsers } from "../rig/container/two-users.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { memoryGroups, MemoryGroup } from "../rig/process/memory-group.ts";
import { limit } from "../rig/process/under.ts";
import { sv } from "../rig/runit/sv.ts";

/** What the user of `supervise/` does there. */
const replacements: Readonly<Record<string, string>> = {
  zero: "ln -s /dev/zero state.json",
  brackets: "head -c 30000000 /dev/zero | tr '\\0' '[' >state.json",
  fifo: "mkfifo state.json",
};

/** Bytes. Nothing here takes much more than Node needs. */
const mostMemory = 250_000_000;

rigTest(
  "a link to /dev/zero, 30 MB and a FIFO as state.json hold up neither sv nor a service that depends on them",
  ourSuites,
  async (rig) => {
    using group = new MemoryGroup(basename(rig.root), mostMemory);
    const under = [...limit("-t 2"), ...group.under];
    const names = Object.keys(replacements);
    const services = names.map((name) => rig.service(name, { run: ["exit-on TERM"] }));
    for (const service of services) {
      await rig.runsv(service);
      await service.stat("run");
      await asItsUser(rig, service.file("supervise"), `rm -f state.json; ${replacements[service.name]}`);
    }
    for (const words of [["status"], ["health"], ["start"], ["list"]]) {
      const answer = await sv(rig, [...words, ...names], { under });
      expect([words, answer.code, answer.stderr]).toEqual([words, 0, ""]);
    }

    const files = Object.fromEntries(names.map((name) => [`dependencies.d/${name}`, ""]));
    const app = rig.service("app", { run: ["exit-on TERM"], files });
    const runsv = await rig.runsv(app, { under });
    await app.stat("run");
    expect(await sv(rig, ["exit", "app"])).toMatchObject({ code: 0, stderr: "" });
    expect(await rig.result(runsv)).toMatchObject({ code: 0, stderr: "" });
    expect(group.kills()).toBe(0);
  },
  { needs: twoUsers ?? memoryGroups },
);

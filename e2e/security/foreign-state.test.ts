/*
 * A `state.json` that its user has replaced: it costs root's commands, and services that depend on it, nothing.
 */
import { chownSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { execaSync } from "execa";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { ourSuites } from "../rig/core/suites.ts";
import { memoryGroups, MemoryGroup } from "../rig/process/memory-group.ts";
import { limit, nobody, root } from "../rig/process/under.ts";
import { sv } from "../rig/runit/sv.ts";

const replacements: Readonly<Record<string, (path: string) => void>> = {
  "a link to /dev/zero": (path) => symlinkSync("/dev/zero", path),
  "30 MB of [": (path) => writeFileSync(path, Buffer.alloc(30_000_000, "[")),
  "a FIFO": (path) => execaSync("mkfifo", [path]),
};

/** Bytes. Nothing here takes much more than Node needs. */
const mostMemory = 250_000_000;

for (const [what, replace] of Object.entries(replacements)) {
  rigTest(
    `${what} as state.json holds up neither sv nor a service that depends on it`,
    ourSuites,
    async (rig) => {
      using group = new MemoryGroup(basename(rig.root), mostMemory);
      const under = [...limit("-t 2"), ...group.under];
      const db = rig.service("db", { run: ["exit-on TERM"] });
      await rig.runsv(db);
      await db.stat("run");
      rmSync(db.file("supervise/state.json"));
      replace(db.file("supervise/state.json"));
      chownSync(db.file("supervise"), nobody, nobody);
      for (const words of [["status"], ["health"], ["start"]]) {
        const answer = await sv(rig, [...words, "db"], { under });
        expect([words, answer.code, answer.stderr]).toEqual([words, 0, ""]);
      }
      expect(await sv(rig, ["list"], { under })).toMatchObject({ code: 0, stderr: "" });

      const app = rig.service("app", { run: ["exit-on TERM"], files: { "dependencies.d/db": "" } });
      const runsv = await rig.runsv(app, { under });
      await app.stat("run");
      expect(await sv(rig, ["exit", "app"])).toMatchObject({ code: 0, stderr: "" });
      expect(await rig.result(runsv)).toMatchObject({ code: 0, stderr: "" });
      expect(group.kills()).toBe(0);
    },
    { needs: root ?? memoryGroups },
  );
}

/* What differs where the commands run on Node, and must not be seen. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { execaSync } from "execa";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { allSuites, node } from "../rig/core/suites.ts";
import { commandLine } from "../rig/process/processes.ts";
import { runsvToBe, startRunsvdir } from "../rig/runit/runsvdir.ts";

rigTest(
  "pidof finds runsvdir and runsv by their names",
  allSuites,
  async (rig) => {
    rig.service("web");
    const { pid } = startRunsvdir(rig, { words: ["-P"], log: "log: ............" });
    const { web: runsv = 0 } = await runsvToBe(rig, pid, "web");
    const found = async (name: string): Promise<readonly string[]> =>
      (await rig.run("pidof", [name])).stdout.trim().split(" ");
    // runsv names itself when it has started.
    await rig.until("both", async () => {
      const [roots, supervisors] = [await found("runsvdir"), await found("runsv")];
      return roots.includes(`${pid}`) && supervisors.includes(`${runsv}`);
    });
    expect(commandLine(pid).slice(-2)).toEqual([rig.services, "log: ............"]);
  },
  { needs: program("pidof", "sysvinit-utils") },
);

rigTest("a Node that is too old is named in one sentence", [node], async (rig) => {
  const old = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(old)}` };
  const codes = { runsvdir: 100, runsv: 111, sv: 100, svlogd: 111 } as const;
  for (const [name, code] of Object.entries(codes)) {
    const { stderr, ...result } = await rig.run(name, ["x"], { env });
    expect(result).toMatchObject({ code, stdout: "" });
    const sentence = `${name}: fatal: Node 22\\.22 or later is needed, this is 20\\.20\\.2`;
    expect(stderr).toMatch(new RegExp(`^${sentence} \\(.*\\)\\n$`));
  }
});

/** A Node of this machine that is too old, as far as one is at the usual places. */
const oldNode = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
  const { stdout, failed } = execaSync(path, ["--version"], { reject: false });
  return !failed && Number(/^v(\d+)/.exec(stdout)?.[1]) < 22;
});

// A bundle that imports by name what an old Node lacks could not even say this.
rigTest(
  "each command says so on a real Node that is too old",
  [node],
  async (rig) => {
    for (const name of readdirSync(node.bin)) {
      const { stderr } = await rig.run(oldNode ?? "", [join(node.bin, name), "--version"]);
      expect(stderr).toMatch(new RegExp(`^${name}: fatal: Node 22\\.22 or later is needed, this is .*\\n$`));
    }
  },
  { needs: oldNode === undefined ? "a Node older than 22 in /usr/bin" : undefined },
);

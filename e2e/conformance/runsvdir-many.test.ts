import { mkdirSync, symlinkSync } from "node:fs";
import { expect } from "vitest";
import { line } from "../rig/core/conformance.ts";
import { signalProcess, childrenOf, commandLine } from "../rig/process/processes.ts";
import { inline } from "../rig/core/suites.ts";
import { notInline, runsvdirWarning, startRunsvdir } from "../rig/runit/runsvdir.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

const many = 1003;
/** How long a thousand processes may take to start while other suites start as many, in ms. */
const patience = 300_000;

line("DIR-18", "starts runsv for 1000 of 1003 directories, and says for the others: too many services", {
  stock: async (rig) => {
    const { pid, names, stderr } = startMany(rig);
    await rig.until("1000 runsv", () => childrenOf(pid).length === 1000, patience);
    const refused = await rig.until("three refusals", () => {
      const found = names.filter((name) => stderr().includes(`unable to start runsv ${name}: too many services.\n`));
      return found.length === many - 1000 && found;
    });
    expect(refused).toHaveLength(3);
    // End them all at once; the rig would look at each of them.
    signalProcess(pid, "SIGHUP");
  },
  ours: async (rig) => {
    const { pid, names, stderr } = startMany(rig);
    await rig.until("a runsv for each", () => childrenOf(pid).length === many, patience);
    const started = await rig.until("their names", () => {
      const words = childrenOf(pid).map((child) => commandLine(child));
      return words.every(([program]) => program === "runsv") && words.map(([, name]) => name);
    });
    expect(new Set(started)).toEqual(new Set(names));
    const warning = runsvdirWarning(rig, notInline(rig.path("bin/runsv")));
    expect(stderr()).toBe(rig.suite === inline ? `${warning}\n` : "");
    // End them all at once; the rig would look at each of them.
    signalProcess(pid, "SIGHUP");
  },
  instead: "starts runsv for each of 1003 directories",
  because: "the limit is that of a table in runit's memory",
});

/** runsvdir on 1003 empty directories. Its runsv is `sleep`, which takes their names for seconds and does nothing. */
function startMany(rig: TestRig): { readonly pid: number; readonly names: readonly string[]; stderr(): string } {
  mkdirSync(rig.path("bin"));
  symlinkSync("/bin/sleep", rig.path("bin/runsv"));
  const names = Array.from({ length: many }, (_, index) => `${100_000 + index}`);
  for (const name of names) mkdirSync(rig.path("service", name));
  const runsvdir = startRunsvdir(rig, { env: { PATH: `${rig.path("bin")}:${rig.suite.path}` } });
  return { pid: runsvdir.pid, names, stderr: () => runsvdir.stderr() };
}

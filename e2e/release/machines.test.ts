/* The executables for other machines: each runs a service through start, crash, restart, log and stop. */
import { execa } from "execa";
import { expect, test } from "vitest";
import { targets } from "../../scripts/release/targets.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { version } from "../rig/core/other-build.ts";
import { scratchDirectory } from "../rig/core/scratch.ts";
import { standalone } from "../rig/core/suites.ts";
import { waitLimit } from "../rig/core/until.ts";
import { expectLife, life } from "../rig/machines/life.ts";
import { machines } from "../rig/machines/machines.ts";

test("every target that is called tested is this machine, or has one here", () => {
  const tested = targets.filter(({ isTested }) => isTested).map(({ name }) => name);
  expect(tested.toSorted()).toEqual(["linux-x64", ...machines.map(({ target }) => target)].toSorted());
});

for (const machine of machines) {
  rigTest(
    `${machine.target} runs on ${machine.title}`,
    [standalone],
    async () => {
      using scratch = scratchDirectory();
      const { prefix, home } = await machine.prepare(scratch.path);
      const words = [...prefix, "sh", "-c", life, home];
      const { all } = await execa("env", words, { all: true, stdin: "ignore", timeout: 3 * waitLimit });
      expectLife(all, home, { version, target: machine.target });
    },
    { needs: machine.needs },
  );
}

// Container engines and clone3(2), which the C library calls for a thread: see "What is needed" in docs/containers.md.
import { expect } from "vitest";

import { rigTest } from "../rig/core/conformance.ts";
import { program } from "../rig/core/needs.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

/** Runs `sv --version` where the kernel answers clone3 like this. */
async function versionWhere(
  rig: TestRig,
  error: "ENOSYS" | "EPERM",
): Promise<{ readonly code: number | undefined; readonly signal: unknown; readonly stdout: string }> {
  const under = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `inject=clone3:error=${error}`];
  return await rig.run("sv", ["--version"], { under });
}

rigTest(
  "an engine that knows no clone3 is enough, and one that forbids it ends a command at once",
  ourSuites,
  async (rig) => {
    expect(await versionWhere(rig, "ENOSYS")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^sv \d/) as string,
    });
    const forbidden = await versionWhere(rig, "EPERM");
    // By SIGABRT: the runtimes cannot do without a thread.
    expect([forbidden.signal ?? forbidden.code, forbidden.stdout]).toEqual([expect.toBeOneOf([134, "SIGABRT"]), ""]);
  },
  { needs: program("strace", "strace") },
);

/* A container runs out of memory: the kernel kills workers, and neither its process 1 nor another supervisor. */
import { beforeAll, expect } from "vitest";
import { boxTest, imageUnderTest } from "../rig/container/base-image.ts";
import { containers } from "../rig/container/images.ts";
import type { PodmanContainer } from "../rig/container/podman.ts";
import { memoryLimit } from "../rig/container/memory-limit.ts";
import type { TestRig } from "../rig/core/test-rig.ts";
import { waitLimit } from "../rig/core/until.ts";

// Otherwise the test would have to wait for it.
beforeAll(async () => {
  if (containers === undefined) await imageUnderTest();
}, 5 * waitLimit);

/** A master that grows when it is told to: each of its workers takes 20 MB, so that all of them would take 800. */
const pool = [
  "exec perl -e '",
  "$| = 1; $SIG{CHLD} = q(IGNORE); $SIG{USR1} = sub { $grows = 1 }; $SIG{TERM} = sub { exit }; print qq(up\\n); sleep 1 until $grows;",
  "for (1 .. 40) { if (!fork) { my $text = q(x) x 20e6; sleep 60 while 1 } select undef, undef, undef, 0.05 }",
  "print qq(grown\\n); sleep 60 while 1'",
];

/** Waits until the supervisors have given back the code that their start has used. */
async function atRest(rig: TestRig, container: PodmanContainer, pids: string): Promise<void> {
  const code = `grep -h ^RssFile: ${pids.replaceAll(/\S+/g, "/proc/$&/status")}`;
  await rig.until("little code of the supervisors in memory", async () => {
    const { stdout } = await container.exec(["sh", "-c", code]);
    const sizes = Array.from(stdout.matchAll(/\d+/g), Number);
    return sizes.length > 0 && sizes.every((kilobytes) => kilobytes < 20_000);
  });
}

for (const [what, inline, count] of [
  ["one supervisor of all services", "1", 2],
  ["a runsv for each service", "0", 3],
] as const) {
  boxTest(
    `workers of a pool are killed, and the container lives with ${what}`,
    async (box, rig) => {
      box.script("service/pool/run", ...pool);
      const container = await box.start({
        flags: ["--memory", "256m", "--memory-swap", "256m"],
        env: { UPKEEP_INLINE: inline },
      });
      await container.shows("up\n");
      const supervisors = async (): Promise<string> =>
        (await container.exec(["pgrep", "-x", "my_init|runsvdir|runsv"])).stdout.trim().replaceAll("\n", " ");
      const before = await supervisors();
      expect(before.split(" ")).toHaveLength(count);
      await atRest(rig, container, before);
      expect((await container.exec(["sv", "1", "pool"])).code).toBe(0);
      await container.shows("grown\n");
      // Each worker that lives takes 20 MB of the 256.
      const workers = Number((await container.exec(["pgrep", "-xc", "perl"])).stdout) - 1;
      expect(workers).toBeGreaterThan(3);
      expect(workers).toBeLessThan(13);
      expect(await supervisors()).toBe(before);
      expect(await container.output()).toBe("up\ngrown\n");
      expect((await container.exec(["sv", "status", "pool"])).stdout).toMatch(/^run: pool: /);
      expect(await container.inspect(".State.Status")).toBe("running");
    },
    memoryLimit,
  );
}

/*
 * A service whose control FIFO is flooded, and many that crash as often as they may, do not hold up the others. How long
 * a restart takes meanwhile: npm run bench -- --only quiet.
 */
import { expect } from "vitest";
import { shell } from "../rig/runit/available.ts";
import { rigTest } from "../rig/core/conformance.ts";
import { standalone } from "../rig/core/suites.ts";
import { startRunsvdir } from "../rig/runit/runsvdir.ts";
import { sv } from "../rig/runit/sv.ts";

/** Writes commands that change nothing as fast as somebody reads them, and how many KiB it has written. */
const flood = String.raw`
  open my $fifo, ">", $ARGV[0] or die; open my $count, ">", $ARGV[1] or die;
  my ($bytes, $written) = ("c" x 1024, 0);
  while (syswrite $fifo, $bytes) { seek $count, 0, 0; syswrite $count, ++$written }`;

for (const [what, words] of [
  ["engines in runsvdir", ["--inline"]],
  ["a runsv for each service", []],
] as const) {
  rigTest(
    `a quiet service is restarted each time beside a flood and 10 that crash, with ${what}`,
    [standalone],
    async (rig) => {
      const quiet = rig.service("quiet", {
        run: shell("echo $$ >>starts", "exec sleep 600"),
        files: { "restart-delay": "0" },
      });
      const flooded = rig.service("flooded", { run: shell("exec sleep 600") });
      const crashing = Array.from({ length: 10 }, (_, at) =>
        rig.service(`crash${at}`, { run: shell("echo $$ >>starts", "exit 1") }),
      );
      const counts = (): readonly number[] =>
        crashing.map((one) => rig.read(one.file("starts")).split("\n").length - 1);
      startRunsvdir(rig, { words });
      await Promise.all([quiet.stat("run"), flooded.stat("run")]);
      const written = rig.path("written");
      const writer = rig.start("perl", ["-e", flood, flooded.file("supervise/control"), written]);
      await rig.until("the flood", () => rig.read(written));
      await rig.until("crashes of all", () => counts().every((count) => count > 1));
      for (let restarts = 1; restarts <= 5; restarts += 1) {
        const before = Number(rig.read(written));
        expect((await sv(rig, ["restart", "quiet"])).stdout).toMatch(/^ok: run: quiet: /);
        expect(rig.read(quiet.file("starts")).split("\n")).toHaveLength(restarts + 2);
        await rig.until("the flood to go on", () => Number(rig.read(written)) > before);
      }
      // Each may be started once a second, so none falls far behind the others.
      await rig.until("more crashes", () => counts().every((count) => count > 2));
      expect(Math.min(...counts()) * 2 + 2).toBeGreaterThanOrEqual(Math.max(...counts()));
      expect(writer.ending).toBeUndefined();
      writer.kill("SIGKILL");
      await rig.result(writer);
      // Its FIFO has no room for a command before the flood has been read.
      await rig.until("flooded to obey", async () => (await sv(rig, ["-w", "60", "down", "flooded"])).code === 0);
    },
  );
}

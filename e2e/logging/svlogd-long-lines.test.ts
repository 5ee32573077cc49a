/* Lines of any length: all bytes arrive, and memory does not grow with them. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { expect } from "vitest";
import { rigTest } from "../rig/core/conformance.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { LogInput } from "../rig/runit/svlogd.ts";
import { readLogs, sizeOfLogs } from "../rig/runit/log-files.ts";
import { writingTo } from "../rig/process/under.ts";
import { ourSuites } from "../rig/core/suites.ts";

/** Writes a line of 64 MiB, and then others of many lengths; no part repeats. */
const lines = `
  my $noise = join "", map { chr(($_ * 7919 + ($_ >> 8)) % 256) } 0 .. 1 << 17;
  $noise =~ tr/\\n/\\0/;
  my $number = 0;
  for my $length (1 << 26, map { $_ % 3 == 0 ? $_ * 20011 : $_ % 3 == 1 ? 1 << 16 : $_ } 0 .. 100) {
    for (my $left = $length; $left > 0; $left -= 65536) {
      print substr sprintf("%010d", $number) . substr($noise, $number++ % 60000, 65526), 0, $left;
    }
    print "\\n";
  }`;

/** Less than the longest line, in kB: for a while the runtimes hold more than they need. */
const mostGrowth = 48 * 1024;

for (const config of ["s0", "s8m\nn0"]) {
  rigTest(
    `logs lines of up to 64 MiB whole in the same memory, ${config.replace("\n", " ")}`,
    ourSuites,
    async (rig) => {
      const input = rig.path("input");
      expect(await rig.run("perl", ["-e", lines], { under: writingTo(input) })).toMatchObject({ code: 0, stderr: "" });
      const directory = logDirectory(rig, "log", config).path;
      const pipe = await LogInput.make(rig);
      const svlogd = rig.start("svlogd", [directory], { stdin: pipe.readEnd });
      const size = (): number => sizeOfLogs(directory);
      const feed = async (words: readonly string[]): Promise<void> => {
        expect((await rig.run("cat", words, { under: writingTo(pipe.path) })).code).toBe(0);
      };
      await feed([rig.path("log/config")]);
      await rig.until("the first lines", () => size() === config.length + 1);
      const before = peakMemory(svlogd.pid);
      await feed([input]);
      await rig.until("all lines", () => size() === statSync(input).size + config.length + 1);
      expect(peakMemory(svlogd.pid) - before).toBeLessThan(mostGrowth);
      pipe.close();
      expect((await rig.result(svlogd)).code).toBe(0);
      expect(digest(readLogs(directory))).toBe(digest([readFileSync(rig.path("log/config")), readFileSync(input)]));
    },
  );
}

/** The most memory that a process has ever held, in kB. */
function peakMemory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

function digest(parts: readonly Buffer[]): string {
  return parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
}

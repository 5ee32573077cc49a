import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Scenario, Settings } from "../scenarios/scenario.ts";
import { cleanUp, register } from "../trial/cleanup.ts";
import { marker } from "../trial/processes.ts";
import { runTimed } from "../trial/timed-command.ts";
import { type Logger, loggerPath } from "./loggers.ts";
import { producer, verifyKept } from "./numbered-lines.ts";

const rate = 100_000;
const seconds = 10;
const length = 100;
/** Longest time, in ms, for a run. */
const patience = 60_000;

/** A service that writes a line every 10 µs to its log service, through runsv's pipe: how long is it ever held up? */
export const stall: Scenario<Logger> = {
  name: "log-stall",
  title: `A service that writes ${rate.toLocaleString("en")} lines a second through runsv's pipe, for ${seconds} s`,
  rows: [
    { metric: "longest write", label: "its longest write", unit: "ms", statistic: "median" },
    { metric: "writes over 1 ms", label: "writes of more than 1 ms", unit: "", statistic: "median" },
  ],
  async measure(logger, settings) {
    const { longest, over } = await measureRun(logger, settings);
    return { "longest write": [longest], "writes over 1 ms": [over] };
  },
};

/** The longest write in ms, and how many took more than one. */
async function measureRun(logger: Logger, { isQuick }: Settings): Promise<{ longest: number; over: number }> {
  const root = await mkdtemp(join(tmpdir(), "upkeep-bench-"));
  const mark = randomUUID();
  register(mark, root);
  try {
    const skipped = rate; // The logger's own start is not what is measured.
    const lines = skipped + rate * (isQuick ? 2 : seconds);
    const report = join(root, "report");
    const directory = join(root, "log");
    const command = logger.command(directory, "TAI64N");
    if (command === null) throw new Error(`${logger.title} has no TAI64N stamps`);
    await logger.prepare(directory);
    const service = join(root, "service");
    await mkdir(join(service, "log"), { recursive: true });
    const words = ["perl", producer, "--count", lines, "--length", length, "--rate", rate];
    words.push("--skip", skipped, "--report", report);
    // Done once; what runs again then only waits to be told to stop.
    await writeScript(service, `[ ! -e ${report} ] || exec sleep 1000\nexec ${words.join(" ")}`);
    await writeScript(join(service, "log"), `exec ${[command.file, ...command.args].join(" ")}`);
    await runUntil(logger, service, report, { PATH: loggerPath, [marker]: mark });
    await verifyKept(directory, lines, length);
    const [, longest, over] = /longest_us (\d+) over_1ms (\d+)/.exec(await readFile(report, "latin1")) ?? [];
    return { longest: Number(longest) / 1000, over: Number(over) };
  } finally {
    cleanUp(mark);
  }
}

/** Runs the service until it has written its report, and waits until its log service has ended, too. */
async function runUntil(
  { runsv }: Logger,
  service: string,
  report: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const script = '"$1" "$2" & while [ ! -e "$3" ] && kill -0 $!; do sleep 0.1; done; kill -TERM $!; wait $!';
  await Promise.race([
    runTimed({ file: "/bin/sh", args: ["-c", script, "sh", runsv, service, report] }, environment),
    sleep(patience, undefined, { ref: false }),
  ]);
  if (!existsSync(report)) throw new Error("the service has written no report");
}

async function writeScript(directory: string, body: string): Promise<void> {
  await writeFile(join(directory, "run"), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

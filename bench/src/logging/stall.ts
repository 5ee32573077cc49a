import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { pathWithNode } from "../contender.ts";
import type { Scenario } from "../scenario.ts";
import { type Command, runTimed } from "../trial/command.ts";
import { Scratch } from "../trial/scratch.ts";
import { producer, verifyKept } from "./lines.ts";
import type { Logger } from "./loggers.ts";

const rate = 100_000;
const seconds = 10;
const length = 100;
/** Longest time, in ms, for a run. */
const patience = 60_000;

/** A service writes a line every 10 µs to its log service, through runsv's pipe: how long does a write ever take? */
export const stall: Scenario<Logger> = {
  name: "log-stall",
  title: `A service that writes ${rate.toLocaleString("en")} lines a second through runsv's pipe, for ${seconds} s`,
  rows: [
    { metric: "longest write", label: "its longest write", unit: "ms" },
    { metric: "writes over 1 ms", label: "writes of more than 1 ms" },
  ],
  async measure(logger, isQuick) {
    using scratch = new Scratch("on a disk");
    const skipped = rate; // The logger's own start is not what is measured.
    const lines = skipped + rate * (isQuick ? 2 : seconds);
    const report = join(scratch.root, "report");
    const directory = join(scratch.root, "log");
    const command = logger.command(directory, "TAI64N");
    if (command === null) throw new Error(`${logger.title} has no TAI64N stamps`);
    logger.prepare(directory);
    const service = join(scratch.root, "service");
    mkdirSync(join(service, "log"), { recursive: true });
    const words = ["perl", producer, "--count", lines, "--length", length, "--rate", rate];
    words.push("--skip", skipped, "--report", report);
    // Once is enough: the next run only waits for its end.
    writeScript(service, `[ ! -e ${report} ] || exec sleep 1000\nexec ${words.join(" ")}`);
    writeScript(join(service, "log"), `exec ${command.join(" ")}`);
    // The service runs until it has written its report; its log service ends after it.
    const script = '"$1" "$2" & while [ ! -e "$3" ] && kill -0 $!; do sleep 0.1; done; kill -TERM $!; wait $!';
    const run: Command = ["/bin/sh", "-c", script, "sh", logger.runsv, service, report];
    const ended = runTimed(run, scratch.environment(pathWithNode));
    await Promise.race([ended, sleep(patience, undefined, { ref: false })]);
    if (!existsSync(report)) throw new Error("the service has written no report");
    verifyKept(directory, lines, length);
    const [, longest, over] = /longest_us (\d+) over_1ms (\d+)/.exec(readFileSync(report, "latin1")) ?? [];
    return { "longest write": [Number(longest) / 1000], "writes over 1 ms": [Number(over)] };
  },
};

function writeScript(directory: string, body: string): void {
  writeFileSync(join(directory, "run"), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

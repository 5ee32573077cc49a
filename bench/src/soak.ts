import { isInstalled, skippedNote } from "./contender.ts";
import { readOptions, select } from "./options.ts";
import { progress } from "./progress.ts";
import { comeAndGo, controlFlood } from "./soak/changes.ts";
import { crashLoop, hookLoop } from "./soak/children.ts";
import { logFlood } from "./soak/log-flood.ts";
import { longLines } from "./soak/long-lines.ts";
import { renderStages, type Stage } from "./soak/stages.ts";
import { inlineSuites, ourSuites, runit, type Suite } from "./suites.ts";
import { disposeAtExit } from "./trial/scratch.ts";

// Shows what runsv takes while it starts and reaps children for long, and svlogd while it logs much: npm --prefix bench run soak -- --help

const usage = `usage: npm --prefix bench run soak -- [--only soak]... [--build name]... [option n]...

  --only soak    only this: hooks, restarts, control, directories, log, long-lines; may be repeated
  --build name   only this: standalone, node, standalone-inline, node-inline or runit; may be repeated
  --restarts n   let services exit so many times in all (10000)
  --services n   so many services in parallel; each exits once a second (20)
  --minutes n    stop after this time even if there were fewer
  --hooks n      let one runsv run so many control scripts, as fast as it can (10000)
  --bytes n      send so many random bytes to one control FIFO (1000000)
  --directories n  add and remove so many service directories (10000)
  --gigabytes n  let svlogd log so much (10)
  --megabytes n  let svlogd log a line of so much, and as much again in lines of many lengths (1000)
`;

/** One thing that is done for long. */
interface Soak {
  readonly name: string;
  readonly title: string;
  readonly run: (suite: Suite) => Promise<readonly Stage[]>;
}

const { suites, soaks } = readOptions(
  usage,
  {
    only: { type: "string", multiple: true, default: [] },
    build: { type: "string", multiple: true, default: [] },
    restarts: { type: "string", default: "10000" },
    services: { type: "string", default: "20" },
    minutes: { type: "string" },
    hooks: { type: "string", default: "10000" },
    bytes: { type: "string", default: "1000000" },
    directories: { type: "string", default: "10000" },
    gigabytes: { type: "string", default: "10" },
    megabytes: { type: "string", default: "1000" },
  },
  (values) => {
    const count = (option: Exclude<keyof typeof values, "only" | "build">): number => {
      const text = values[option] ?? "";
      if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} ${text}: a whole number`);
      return Number(text);
    };
    const [restarts, services, hooks] = [count("restarts"), count("services"), count("hooks")];
    const [bytes, directories] = [count("bytes"), count("directories")];
    const [gigabytes, megabytes] = [count("gigabytes"), count("megabytes")];
    const longest = values.minutes === undefined ? Infinity : count("minutes") * 60_000;
    const all: readonly Soak[] = [
      {
        name: "hooks",
        title: `one runsv that runs control scripts, ${hooks} of them`,
        run: (suite) => hookLoop(suite, hooks, longest),
      },
      {
        name: "restarts",
        title: `each runsv of ${services} whose services exit at once, ${restarts} restarts in all`,
        run: (suite) => crashLoop(suite, services, restarts, longest),
      },
      {
        name: "control",
        title: `the supervisor of one service that gets ${bytes} random bytes on its control FIFO`,
        run: (suite) => controlFlood(suite, bytes, longest),
      },
      {
        name: "directories",
        title: `the scanner of a directory in which ${directories} service directories come and go`,
        run: (suite) => comeAndGo(suite, directories, longest),
      },
      {
        name: "log",
        title: `svlogd -tt with ${gigabytes} GB in lines of 100 bytes`,
        run: (suite) => logFlood(suite, gigabytes, longest),
      },
      {
        name: "long-lines",
        title: `svlogd with one line of ${megabytes} MB, and as much in lines of many lengths, counted in bytes`,
        run: (suite) => longLines(suite, megabytes, longest),
      },
    ];
    return {
      suites: select("build", [...ourSuites, ...inlineSuites, runit], values.build),
      soaks: select("only", all, values.only),
    };
  },
);

const installed = suites.filter(isInstalled);
for (const suite of suites.filter((one) => !installed.includes(one))) process.stdout.write(skippedNote(suite));
disposeAtExit();
for (const { title, run } of soaks) {
  progress(title);
  // All suites at the same time: they are watched, not compared in speed.
  const outcomes = await Promise.allSettled(installed.map(run));
  progress("");
  const stages = new Map<string, readonly Stage[]>();
  for (const [index, outcome] of outcomes.entries()) {
    const suite = installed[index]?.title ?? "";
    if (outcome.status === "fulfilled") stages.set(suite, outcome.value);
    else {
      process.stdout.write(`error: ${suite}: ${outcome.reason}\n`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(`${title}; of several the median and (the most)\n\n${renderStages(stages)}\n\n`);
}

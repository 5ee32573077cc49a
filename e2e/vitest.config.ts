import { availableParallelism } from "node:os";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { ConformanceReporter } from "./rig/core/conformance-reporter.ts";
import { LongOnesSpread } from "./rig/core/file-order.ts";
import { retries, SecondTries } from "../scripts/test/second-tries.ts";

/**
 * The files that are also run with the engines of services in runsvdir: those about what runsv and runsvdir do. chpst,
 * svlogd, runit, devlog and the importers are the same programs in both modes, and my_init has that mode by default.
 */
const alsoInline = [
  "supervision/*.test.ts",
  "crash/*.test.ts",
  "sv/*.test.ts",
  "daemons/*.test.ts",
  "stories/*.test.ts",
  "faults/!(svlogd-)*.test.ts",
  "conformance/{runsv,runsvdir,sv}-*.test.ts",
  "logging/{log-prefix,non-blocking,svlogd-under-runsv}.test.ts",
  "security/{adoption,flood,foreign-supervise,hostile-service,locks,output-fifo}.test.ts",
];

/**
 * The files that are not run with the bundles on Node: what these commands answer is computed by the sources that the unit
 * tests run under both runtimes, and what they need of the runtime - files, sockets, FIFOs, a terminal, ends of processes -
 * other files show on Node, such as sv/{sv,log,top,words}. Of runsv, runsvdir, svlogd and chpst all is run on Node.
 */
const notOnNode = [
  "sv/{blame,completion,enable,health,json,last-words,lint,lint-corpus,list,patterns,show}.test.ts",
  "run/*.test.ts",
  "import/!(stories).test.ts",
  "daemons/*.test.ts",
];

// Whoever names suites gets all files with these.
const isAsked = (process.env["SUITES"] ?? "") !== "";

export default defineConfig({
  root: import.meta.dirname,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["**/*.test.ts"],
          exclude: isAsked ? configDefaults.exclude : [...configDefaults.exclude, ...notOnNode],
        },
      },
      ...(isAsked ? [] : [only("not on Node", notOnNode, "stock,standalone"), only("inline", alsoInline, "inline")]),
    ],
    pool: "forks",
    // Loading the rig, and looking what the machine has, would take half a second for each file.
    isolate: false,
    sequence: { sequencer: LongOnesSpread },
    // The tests mostly wait, so many of them share a core: here 18. Of three files, one waits for containers and the like.
    maxWorkers: Math.max(2, Math.ceil(availableParallelism() * 1.5)),
    maxConcurrency: 12,
    testTimeout: 400_000,
    retry: retries,
    reporters: ["default", new ConformanceReporter(), new SecondTries()],
  },
});

function only(name: string, include: string[], suites: string): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include, env: { SUITES: suites } } };
}

import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { ConformanceReporter } from "./rig/core/conformance-reporter.ts";

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

// Whoever names suites gets all files with these.
const isAsked = (process.env["SUITES"] ?? "") !== "";

export default defineConfig({
  root: import.meta.dirname,
  test: {
    projects: [
      { extends: true, test: { name: "e2e", include: ["**/*.test.ts"] } },
      ...(isAsked
        ? []
        : [{ extends: true, test: { name: "inline", include: alsoInline, env: { SUITES: "inline" } } } as const]),
    ],
    pool: "forks",
    // Loading the rig, and looking what the machine has, would take half a second for each file.
    isolate: false,
    // The tests mostly wait, so many of them share a core.
    maxWorkers: Math.max(2, availableParallelism()),
    maxConcurrency: 16,
    testTimeout: 400_000,
    // In CI a failure may be the machine's. The summary names each test that needed its second try.
    retry: process.env["CI"] === undefined ? 0 : 1,
    reporters: ["default", new ConformanceReporter()],
  },
});

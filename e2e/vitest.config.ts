import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { ConformanceReporter } from "./rig/core/conformance-reporter.ts";

export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: "e2e",
    include: ["**/*.test.ts"],
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

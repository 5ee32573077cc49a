import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

import { retries, SecondTries } from "./scripts/test/second-tries.ts";

const component = "packages/*/test/**/*.component.test.ts";
const unit = ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: unit, exclude: [component] } },
      { extends: true, test: { name: "component", include: [component] } },
    ],
    maxWorkers: availableParallelism(),
    // To load everything anew for each file would double the time. Bun does so, and shows which file leans on another.
    isolate: false,
    // Random tests, and the removal of what they wrote, take long on a crowded machine.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    retry: retries,
    reporters: ["default", new SecondTries()],
  },
});

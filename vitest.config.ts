import { defineConfig } from "vitest/config";

const component = "packages/*/test/**/*.component.test.ts";

// Random tests take long on a crowded machine.
const testTimeout = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          testTimeout,
          include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [component],
        },
      },
      { test: { name: "component", testTimeout, include: [component] } },
    ],
  },
});

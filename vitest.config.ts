import { defineConfig } from "vitest/config";

const component = "packages/*/test/**/*.component.test.ts";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["packages/*/test/**/*.test.ts"], exclude: [component] } },
      { test: { name: "component", include: [component] } },
    ],
  },
});

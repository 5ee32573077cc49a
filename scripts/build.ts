import { parseArgs } from "node:util";

import { build } from "./build/build.ts";
import { runScript } from "./run-script.ts";

// Leaves the commands in dist/: npm run build [-- --force]

await runScript("build", async () => {
  const { values } = parseArgs({ options: { force: { type: "boolean", default: false } } });
  await build(values);
});

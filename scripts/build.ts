import { parseArgs } from "node:util";

import { build } from "./build/build.ts";
import { runScript } from "./run-script.ts";

const usage = `\
npm run build [-- options]

Leaves the commands in dist/: dist/standalone/bin and dist/node/bin.

  --force  even if nothing has changed
`;

await runScript("build", async () => {
  const { values } = parseArgs({
    options: { force: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  if (values.help) return void process.stdout.write(usage);
  await build(values);
});

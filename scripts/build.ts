import { parseArgs } from "node:util";

import { build } from "./build/build.ts";

// Leaves the commands in dist/: npm run build [-- --force]

const { values } = parseArgs({ options: { force: { type: "boolean", default: false } } });
await build(values);

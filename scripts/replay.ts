import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { replay } from "./replay/replay.ts";
import { steps } from "./replay/steps.ts";

// Replays a trace that UPKEEP_TRACE has made, and says what differs: npm run replay FILE

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: npm run replay FILE");
  process.exit(2);
}
// npm tells where it was called.
const path = resolve(process.env["INIT_CWD"] ?? ".", file);
const { processes, events, differences } = replay(readFileSync(path, "utf8"), steps);
for (const line of differences) console.log(line);
console.log(`${events} events of ${processes} processes replayed: ${differences.length || "no"} differences`);
process.exit(differences.length === 0 ? 0 : 1);

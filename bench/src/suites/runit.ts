import { delimiter, dirname, join, resolve } from "node:path";

import { scanDirectorySuite } from "./scan-directory.ts";
import type { Suite } from "./suite.ts";
import { systemBin, systemPath } from "./system-path.ts";

const built = resolve(import.meta.dirname, "../../../dist");

/** runit as Debian ships it: what all others are compared with. */
export const runit: Suite = {
  ...runitLike(systemBin),
  name: "runit",
  title: "runit",
  hint: "apt-get install runit",
  package: "runit",
  path: systemPath,
  stopSignal: "SIGHUP",
  supervise: ({ scanDirectory }) => ({ file: join(systemBin, "runsvdir"), args: [scanDirectory] }),
};

/** Our stand-alone executable. */
export const standalone: Suite = {
  ...ours(join(built, "standalone/bin")),
  name: "standalone",
  title: "stand-alone",
};

/** Our bundles, on the Node that runs this. */
export const node: Suite = {
  ...ours(join(built, "node/bin")),
  name: "node",
  title: "on Node",
};

function ours(bin: string): Omit<Suite, "name" | "title"> {
  return {
    ...runitLike(bin),
    hint: "npm run build",
    package: null,
    // The bundles begin with #!/usr/bin/env node.
    path: [bin, dirname(process.execPath), systemPath].join(delimiter),
    stopSignal: "SIGTERM",
    supervise: ({ scanDirectory }) => ({ file: join(bin, "runsvdir"), args: ["--orderly", scanDirectory] }),
  };
}

function runitLike(bin: string): Pick<Suite, "programs" | "layOut" | "prepare" | "restart" | "status" | "runningMark"> {
  const sv = join(bin, "sv");
  return {
    ...scanDirectorySuite,
    programs: ["runsvdir", "runsv", "sv"].map((name) => join(bin, name)),
    restart: (_tree, name) => ({ file: sv, args: ["restart", name] }),
    status: (_tree, names) => ({ file: sv, args: ["status", ...names] }),
    runningMark: /^run: /,
  };
}

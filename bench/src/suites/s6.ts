import { join } from "node:path";

import { scanDirectorySuite, serviceDirectory } from "./scan-directory.ts";
import type { Suite } from "./suite.ts";
import { systemBin, systemPath } from "./system-path.ts";

const program = (name: string): string => join(systemBin, name);

/** s6, told to rescan every 5 s as runsvdir does; by itself it never would. */
export const s6: Suite = {
  ...scanDirectorySuite,
  name: "s6",
  title: "s6",
  programs: ["s6-svscan", "s6-supervise", "s6-svc", "s6-svstat"].map(program),
  hint: "apt-get install s6",
  package: "s6",
  path: systemPath,
  stopSignal: "SIGTERM",
  supervise: ({ scanDirectory }) => ({ file: program("s6-svscan"), args: ["-t", "5000", scanDirectory] }),
  restart: (tree, name) => ({
    file: program("s6-svc"),
    args: ["-wr", "-T", "7000", "-r", serviceDirectory(tree, name)],
  }),
  status(tree, names) {
    const directories = names.map((name) => serviceDirectory(tree, name));
    // It takes one service at a time.
    if (directories.length === 1) return { file: program("s6-svstat"), args: directories };
    const loop = `for directory do ${program("s6-svstat")} "$directory"; done`;
    return { file: "/bin/sh", args: ["-c", loop, "sh", ...directories] };
  },
  runningMark: /^up /,
};

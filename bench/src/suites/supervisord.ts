import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { runTimed } from "../trial/timed-command.ts";
import type { Tree } from "../trial/tree.ts";
import type { Suite } from "./suite.ts";
import { systemBin, systemPath } from "./system-path.ts";

const program = (name: string): string => join(systemBin, name);
const configuration = ({ root }: Tree): string => join(root, "supervisord.conf");

/** supervisord, with its defaults for programs; it keeps no logs, as the others keep none here. */
export const supervisord: Suite = {
  name: "supervisord",
  title: "supervisord",
  programs: ["supervisord", "supervisorctl"].map(program),
  hint: "apt-get install supervisor",
  package: "supervisor",
  path: systemPath,
  stopSignal: "SIGTERM",
  async layOut(tree, names) {
    await mkdir(join(tree.root, "scripts"));
    await writeFile(configuration(tree), mainSection(tree));
    for (const name of names) await addProgram(tree, name);
  },
  supervise: (tree) => ({ file: program("supervisord"), args: ["-n", "-c", configuration(tree)] }),
  async prepare(tree, name, environment) {
    await addProgram(tree, name);
    const update = { file: program("supervisorctl"), args: ["-c", configuration(tree), "update"] };
    return async () => {
      await runTimed(update, environment);
    };
  },
  restart: (tree, name) => ({ file: program("supervisorctl"), args: ["-c", configuration(tree), "restart", name] }),
  status: (tree, names) => ({ file: program("supervisorctl"), args: ["-c", configuration(tree), "status", ...names] }),
  runningMark: / RUNNING /,
};

function mainSection({ root, scanDirectory }: Tree): string {
  return `[supervisord]
logfile=/dev/null
logfile_maxbytes=0
loglevel=critical
pidfile=${root}/supervisord.pid
[unix_http_server]
file=${root}/supervisord.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${root}/supervisord.sock
[include]
files=${scanDirectory}/*.conf
`;
}

async function addProgram(tree: Tree, name: string): Promise<void> {
  const script = join(tree.root, "scripts", name);
  await writeFile(script, tree.script(name), { mode: 0o755 });
  await writeFile(
    join(tree.scanDirectory, `${name}.conf`),
    `[program:${name}]\ncommand=${script}\nautorestart=true\nstdout_logfile=NONE\nstderr_logfile=NONE\n`,
  );
}

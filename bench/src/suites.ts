import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type Contender, ourBuilds, pathWithNode, systemBin, systemPath } from "./contender.ts";
import { type Command, runTimed } from "./trial/command.ts";
import type { Tree } from "./trial/tree.ts";

/** A supervision suite. */
export interface Suite extends Contender {
  /** `PATH` of all that is started. */
  readonly path: string;
  /** Signal by which the root stops all services and ends. */
  readonly stopSignal: NodeJS.Signals;
  /** Writes all that is needed before the start. */
  layOut(tree: Tree, names: readonly string[]): void;
  /** Starts the root in the foreground. */
  supervise(tree: Tree): Command;
  /** Prepares one more service where the suite does not see it, and returns what makes it known. */
  prepare(tree: Tree, name: string): (environment: NodeJS.ProcessEnv) => unknown;
  /** Restarts a service, and returns when it is running again. */
  restart(tree: Tree, name: string): Command;
  /** Prints one line per service. */
  status(tree: Tree, names: readonly string[]): Command;
  /** What such a line contains when the service runs. */
  readonly runningMark: RegExp;
  /** The most services that it is measured with: more it cannot hold, or they would take minutes. */
  readonly most: number;
}

const program = (name: string): string => join(systemBin, name);

/** What suites that watch a scan directory have in common. */
const scanning: Pick<Suite, "layOut" | "prepare"> = {
  layOut(tree, names) {
    for (const name of names) tree.makeService(tree.service(name), name);
    tree.makeOld();
  },
  prepare(tree, name) {
    const prepared = join(tree.staging, name);
    tree.makeService(prepared, name);
    return () => renameSync(prepared, tree.service(name));
  },
};

const runitLike = (
  bin: string,
): Omit<Suite, "name" | "title" | "package" | "path" | "stopSignal" | "supervise" | "most"> => ({
  ...scanning,
  programs: ["runsvdir", "runsv", "sv"].map((name) => join(bin, name)),
  restart: (_tree, name) => [join(bin, "sv"), "restart", name],
  status: (_tree, names) => [join(bin, "sv"), "status", ...names],
  runningMark: /^run: /,
});

/** runit as Debian ships it: all others are compared with it. */
export const runit: Suite = {
  ...runitLike(systemBin),
  name: "runit",
  title: "runit",
  package: "runit",
  path: systemPath,
  stopSignal: "SIGHUP",
  supervise: ({ scanDirectory }) => [program("runsvdir"), scanDirectory],
  most: 1000,
};

/** Our builds: the stand-alone executable, and the bundles for Node. */
export const ourSuites: readonly [standalone: Suite, node: Suite] = ourBuilds((bin) => ({
  ...runitLike(bin),
  path: `${bin}:${pathWithNode}`,
  stopSignal: "SIGTERM" as const,
  supervise: ({ scanDirectory }: Tree): Command => [join(bin, "runsvdir"), "--orderly", scanDirectory],
  most: 100,
}));

/** The same with all services in one process. */
export const inlineSuites: readonly Suite[] = ourSuites.map((suite) => ({
  ...suite,
  name: `${suite.name}-inline`,
  title: `${suite.title}, inline`,
  supervise: (tree) => {
    const [runsvdir, ...args] = suite.supervise(tree);
    return [runsvdir, "--inline", ...args];
  },
  most: 3000,
}));

/** Whether a suite is ours. */
export const isOurs = ({ package: name }: Suite): boolean => name === null;

/** s6 is told to rescan every 5 s, as runsvdir does; by itself it never would. */
const s6: Suite = {
  ...scanning,
  name: "s6",
  title: "s6",
  programs: ["s6-svscan", "s6-supervise", "s6-svc", "s6-svstat"].map(program),
  package: "s6",
  path: systemPath,
  stopSignal: "SIGTERM",
  supervise: ({ scanDirectory }) => [program("s6-svscan"), "-t", "5000", "-c", "4000", scanDirectory],
  restart: (tree, name) => [program("s6-svc"), "-wr", "-T", "7000", "-r", tree.service(name)],
  status(tree, names) {
    const directories = names.map((name) => tree.service(name));
    // It takes one service at a time.
    if (directories.length === 1) return [program("s6-svstat"), ...directories];
    return ["/bin/sh", "-c", `for each do ${program("s6-svstat")} "$each"; done`, "sh", ...directories];
  },
  runningMark: /^up /,
  most: 3000,
};

/** supervisord has its defaults for programs. It keeps no logs, as the others keep none here. */
const supervisord: Suite = {
  name: "supervisord",
  title: "supervisord",
  programs: ["supervisord", "supervisorctl"].map(program),
  package: "supervisor",
  path: systemPath,
  stopSignal: "SIGTERM",
  layOut(tree, names) {
    mkdirSync(join(tree.root, "scripts"));
    writeFileSync(configurationOf(tree), mainSection(tree));
    for (const name of names) addProgram(tree, name);
  },
  supervise: (tree) => [program("supervisord"), "-n", "-c", configurationOf(tree)],
  prepare(tree, name) {
    addProgram(tree, name);
    return (environment) => runTimed(supervisorctl(tree, "update"), environment);
  },
  restart: (tree, name) => supervisorctl(tree, "restart", name),
  status: (tree, names) => supervisorctl(tree, "status", ...names),
  runningMark: / RUNNING /,
  most: 300,
};

/** All suites, the one that ratios refer to first. */
export const allSuites: readonly Suite[] = [runit, ...ourSuites, ...inlineSuites, s6, supervisord];

const configurationOf = ({ root }: Tree): string => join(root, "supervisord.conf");

const supervisorctl = (tree: Tree, ...words: readonly string[]): Command => [
  program("supervisorctl"),
  "-c",
  configurationOf(tree),
  ...words,
];

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

function addProgram(tree: Tree, name: string): void {
  const script = join(tree.root, "scripts", name);
  writeFileSync(script, tree.script(name), { mode: 0o755 });
  writeFileSync(
    join(tree.scanDirectory, `${name}.conf`),
    `[program:${name}]\ncommand=${script}\nautorestart=true\nstdout_logfile=NONE\nstderr_logfile=NONE\n`,
  );
}

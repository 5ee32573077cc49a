import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cacheDirectory, digest, repositoryRoot } from "./files.ts";
import { isExecutable } from "./needs.ts";

/** Where the commands under test come from. */
export interface Suite {
  readonly name: string;
  /** Names of the suites that its commands come from. */
  readonly parts: readonly string[];
  /** Directory that holds the commands; the first one in `path`. */
  readonly bin: string;
  /** `PATH` of everything that a rig starts, so that runsvdir finds this suite's runsv. */
  readonly path: string;
  /** What the rig adds to the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** True for our own builds, false for the reference. */
  readonly ours: boolean;
  readonly available: boolean;
  /** Why the suite cannot be tested, and what would enable it; empty when it is available. */
  readonly reason: string;
  /** Absolute path of one command. Whether it exists is the caller's risk: see {@link hasCommand}. */
  command(name: string): string;
}

const systemPath: readonly string[] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
// The bundles start through `#!/usr/bin/env node`, which must find the Node that runs the tests.
const nodeExecutable: string = process.env["UPKEEP_NODE"] ?? process.execPath;
const nodeDirectory: string = dirname(nodeExecutable);

/** runit as the distribution ships it: the reference. */
export const stock: Suite = suiteOf("stock", process.env["RUNIT_BIN"] ?? "/usr/bin", {
  ours: false,
  hint: "apt-get install runit",
});

/** Our stand-alone executable, called through its links; by `STANDALONE_BIN` that of another machine. */
const standaloneBin: string = process.env["STANDALONE_BIN"] ?? join(repositoryRoot, "dist/standalone/bin");
export const standalone: Suite = suiteOf("standalone", standaloneBin, {
  ours: true,
  hint: "npm run build",
});

/**
 * Our bundles, one per command, on the Node that runs the tests. They start hundreds of times, so Node keeps what it has
 * compiled of them: a third less of processor time for each start.
 */
export const node: Suite = {
  ...suiteOf("node", join(repositoryRoot, "dist/node/bin"), { ours: true, hint: "npm run build" }),
  environment: { NODE_COMPILE_CACHE: join(cacheDirectory, "compiled") },
};

/**
 * Our stand-alone executable with the engines of services in runsvdir, and no runsv for each: `runsvdir --inline`. It is
 * tested where `SUITES` names it, and by tests that name it.
 */
export const inline: Suite = { ...standalone, name: "inline", parts: ["inline"], environment: { UPKEEP_INLINE: "1" } };

const knownSuites: readonly Suite[] = [stock, standalone, node, inline];

const selection: readonly string[] | undefined = selected(process.env["SUITES"]);

/** All suites, the reference first; {@link inline} only where it is asked for. */
export const allSuites: readonly Suite[] = knownSuites.filter((suite) => suite !== inline || isSelected(suite));

/** Our own suites, selected or not: a test of one that is not selected is skipped. */
export const ourSuites: readonly Suite[] = allSuites.filter((suite) => suite.ours);

/** True when `SUITES=stock,standalone,node` names all parts of the suite, or is not set. */
export function isSelected(suite: Suite): boolean {
  if (selection === undefined) return suite !== inline;
  return suite.parts.every((part) => selection.includes(part));
}

/** True when this command can be executed: a suite may be available and still lack single commands. */
export function hasCommand(suite: Suite, name: string): boolean {
  return isExecutable(suite.command(name));
}

/**
 * A suite that takes single commands from others: `mixedSuite("our sv, stock runsv", stock, { sv: standalone })`.
 *
 * Its `bin` is a directory of links with the commands' own names, because our executable acts by the name it is called
 * by, and with the Node for our bundles, which stands before the system's own.
 */
export function mixedSuite(name: string, base: Suite, commands: Readonly<Record<string, Suite>>): Suite {
  const missing = [base, ...Object.values(commands)].find((suite) => !suite.available);
  const links = Object.entries(commands).map(([command, suite]) => [command, suite.command(command)] as const);
  const bin = linkDirectory([["node", nodeExecutable], ...links]);
  return {
    name,
    parts: [base, ...Object.values(commands)].map((suite) => suite.name),
    bin,
    path: [bin, base.path].join(delimiter),
    ours: base.ours,
    available: missing === undefined,
    reason: missing?.reason ?? "",
    command: (command) => (command in commands ? join(bin, command) : base.command(command)),
  };
}

function suiteOf(name: string, directory: string, facts: { readonly ours: boolean; readonly hint: string }): Suite {
  const available = isExecutable(join(directory, "runsv"));
  return {
    name,
    parts: [name],
    bin: directory,
    path: [directory, nodeDirectory, ...systemPath].join(delimiter),
    ours: facts.ours,
    available,
    reason: available ? "" : `${name}: no ${join(directory, "runsv")}; to enable: ${facts.hint}`,
    command: (command) => join(directory, command),
  };
}

/** A directory with these links. The same links always make the same directory, so that runs do not pile them up. */
function linkDirectory(links: readonly (readonly [name: string, target: string])[]): string {
  const key = digest(JSON.stringify(links), 16);
  const directory = join(repositoryRoot, "e2e/node_modules/.cache/mixed-suites", key);
  mkdirSync(directory, { recursive: true });
  for (const [name, target] of new Map(links)) {
    // Another test process may make the same link.
    const temporary = join(directory, `.${name}-${process.pid}`);
    symlinkSync(target, temporary);
    renameSync(temporary, join(directory, name));
  }
  return directory;
}

function selected(names: string | undefined): readonly string[] | undefined {
  if (names === undefined || names === "") return undefined;
  const wanted = names.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !knownSuites.some((suite) => suite.name === name));
  if (unknown !== undefined)
    throw new Error(`SUITES: ${unknown} is none of ${knownSuites.map((s) => s.name).join(", ")}`);
  return wanted;
}

import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { childrenOf, commandLine, heldBy, isAlive } from "../process/processes.ts";
import type { RunningCommand, StartOptions } from "../process/running-command.ts";
import { stateJson, type Supervised, supervisorOf } from "./state-json.ts";
import { SuperviseDirectory } from "./supervise.ts";
import type { TestRig } from "../core/test-rig.ts";

/** A runsv, and the name by which it was started. */
export interface RunsvProcess {
  readonly pid: number;
  readonly name: string;
}

/** Starts runsvdir on the rig's directory of services, or on `directory`. */
export function startRunsvdir(
  rig: TestRig,
  { directory = rig.services, words = [], log, ...options }: RunsvdirOptions = {},
): RunningCommand {
  const operands = [...words, directory, ...(log === undefined ? [] : [log])];
  return rig.start("runsvdir", operands, { cwd: rig.root, ...options });
}

export interface RunsvdirOptions extends StartOptions {
  readonly directory?: string;
  /** What comes before the directory. */
  readonly words?: readonly string[];
  readonly log?: string;
}

/**
 * The living runsv that a process has started, in the order of their pids. An engine in the process counts as one, with the
 * pid of that process.
 */
export function runsvOf(pid: number): readonly RunsvProcess[] {
  return [...runsvStartedBy(pid), ...enginesIn(pid)];
}

/** The same without engines, for which files of services would be read. */
export function runsvStartedBy(pid: number): readonly RunsvProcess[] {
  return childrenOf(pid)
    .flatMap((child) => {
      const words = commandLine(child);
      const name = words.at(-1);
      return name !== undefined && /(?:^|\/)runsv$/.test(words.at(-2) ?? "") ? [{ pid: child, name }] : [];
    })
    .filter((runsv) => isAlive(runsv.pid));
}

function enginesIn(pid: number): readonly RunsvProcess[] {
  const [, ...words] = commandLine(pid);
  const scan = words
    .map((word) => resolve(workingDirectory(pid), word))
    .find((path) => existsSync(`${path}/.runsvdir`));
  if (scan === undefined) return [];
  const names = readdirSync(scan).flatMap((entry) => {
    const service = { name: entry, file: (path: string) => join(scan, entry, path) };
    const state = stateJson(service);
    const isHere = supervisorOf(service) === pid;
    const isEngine = isHere && new SuperviseDirectory(join(scan, entry, "supervise")).isSupervised();
    return isEngine && typeof state["name"] === "string" ? [state["name"]] : [];
  });
  return [...new Set(names)].map((name) => ({ pid, name }));
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "/";
  }
}

/** Waits until exactly these services have a runsv below the process, and returns the pids by name. */
export async function runsvToBe(
  rig: TestRig,
  pid: number,
  ...services: readonly string[]
): Promise<Readonly<Record<string, number>>> {
  const wanted = services.toSorted().join(" ");
  return await rig.until(`runsv of "${wanted}" below ${pid}`, () => {
    const found = runsvOf(pid);
    const names = found.map(({ name }) => name);
    if (names.toSorted().join(" ") !== wanted) return undefined;
    return Object.fromEntries(found.map((runsv) => [runsv.name, runsv.pid]));
  });
}

/** Pids of the supervisors that a runsvdir has: each runsv that it has started or adopted, and itself for its engines. */
export function supervisorsOf(runsvdir: number): ReadonlySet<number> {
  return new Set([runsvdir, ...childrenOf(runsvdir), ...heldBy(runsvdir)]);
}

/**
 * Waits until a runsvdir has these services. Before that it ends none whose entry goes, and replaces no runsv that is killed.
 * Services of one scan are dealt with in the order of their names.
 */
export async function toHave(rig: TestRig, runsvdir: number, ...services: readonly Supervised[]): Promise<void> {
  for (const service of services)
    await rig.until(`${runsvdir} to have ${service.name}`, () => supervisorsOf(runsvdir).has(supervisorOf(service)));
}

/** A warning of runsvdir. */
export function runsvdirWarning(rig: TestRig, text: string, directory: string = rig.services): string {
  return `runsvdir ${directory}: warning: ${text}`;
}

/** What `runsvdir --inline` warns of where PATH leads to a runsv that is not ours. */
export function notInline(runsv: string): string {
  return `unable to supervise inline: ${runsv} is not of this suite: each service gets it`;
}

/** How often a line stands in what a command said on standard error. */
export function countLines(command: RunningCommand, line: string): number {
  return command
    .stderr()
    .split("\n")
    .filter((one) => one === line).length;
}

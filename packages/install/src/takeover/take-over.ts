import { closeQuietly } from "@upkeep/linux/fd/files";
import { reachable } from "@upkeep/linux/fd/reach";
import { SystemError } from "@upkeep/linux/core/errno";
import { holdProcess } from "@upkeep/linux/process/held-process";
import { catchesSignal, processInfo, systemRun } from "@upkeep/linux/process/process-info";
import { FatalError } from "@upkeep/program/process/run-program";
import { serviceNames } from "@upkeep/client/service/scan-directory";

import type { Taken, Takeover } from "../core/takeover/report.ts";
import { findKeeper, findOwnRunsvdir, findRunitsRunsvdirs, type Runsvdir } from "./find.ts";
import { findsOurs, nameOfProcess } from "./processes.ts";
import {
  endRunsv,
  findRunitsService,
  supervisorOf,
  wasSupervised,
  whyNot,
  type Heritage,
  type RunitsService,
} from "./runsv.ts";
import { openTitleLog, passOn } from "./title-log.ts";

/** Milliseconds in which the next supervisor must be there. runit's runsvdir looks for ended ones every 5 s. */
const patience = 20_000;
const pause = 50;
/** Milliseconds between two requests for a scan. */
const hintPause = 500;

/**
 * Has supervisors of this suite go on with what runit's have in a scan directory: runsvdir first, if somebody starts it
 * again, and then each runsv. Throws FatalError where nobody supervises it, and SystemError.
 *
 * @param isTrial changes nothing, and tells what would be done.
 */
export async function takeOver(directory: string, isTrial: boolean): Promise<Takeover> {
  const system = systemRun();
  if (system === null) throw new FatalError("unable to tell this run of the system from others", directory);
  const former = findRunsvdir(directory);
  const { runsvdir, told, errors } = await takeRunsvdir(former, directory, isTrial);
  const services = serviceNames(directory).map((name) => ({ name, path: reachable(`${directory}/${name}`) }));
  const parent = `${runsvdir.pid} ${runsvdir.info.startTicks}`;
  const taken = told.outcome === "failed" ? [] : await takeServices(services, runsvdir, { system, parent }, isTrial);
  if (errors !== null) passOn(errors, runsvdir.pid);
  return { runsvdir: told, services: taken };
}

function findRunsvdir(directory: string): Runsvdir {
  const own = findOwnRunsvdir(directory);
  if (own !== null) return own;
  const [found, other] = findRunitsRunsvdirs(directory);
  if (found === undefined) throw new FatalError("no runsvdir supervises it", directory);
  if (other !== undefined)
    throw new FatalError(`two runsvdir supervise it (pid ${found.pid}, ${other.pid})`, directory);
  return found;
}

/** Who supervises the scan directory from now on, what to tell of it, and the pipe that its services write errors to. */
interface Taking {
  readonly runsvdir: Runsvdir;
  readonly told: Taken;
  readonly errors: number | null;
}

async function takeRunsvdir(former: Runsvdir, directory: string, isTrial: boolean): Promise<Taking> {
  const tell = (outcome: Taken["outcome"], { pid } = former, why: string | null = null): Taken => {
    return { name: "runsvdir", outcome, pid, why };
  };
  if (former.isOurs) return { runsvdir: former, told: tell("ours"), errors: null };
  const keeper = findKeeper(former);
  if (keeper.kind === "stays") return { runsvdir: former, told: tell("left alone", former, keeper.why), errors: null };
  if (isTrial) return { runsvdir: former, told: tell("would"), errors: null };
  const errors = openTitleLog(former.pid);
  const held = holdProcess(former.pid, former.info.startTicks);
  held?.signal("SIGTERM");
  held?.close();
  const next = await until(() => findOwnRunsvdir(directory));
  if (next !== null) return { runsvdir: next, told: tell("taken over", next), errors };
  const [other] = findRunitsRunsvdirs(directory);
  const why =
    other === undefined ? "it has ended, and none of ours has been started" : "another one of runit's has been started";
  return { runsvdir: other ?? former, told: tell("failed", other ?? former, why), errors };
}

interface Entry {
  readonly name: string;
  readonly path: string;
}

async function takeServices(
  entries: readonly Entry[],
  runsvdir: Runsvdir,
  heritage: Heritage,
  isTrial: boolean,
): Promise<readonly Taken[]> {
  const startsOurs = runsvdir.isOurs || findsOurs(runsvdir.pid, "runsv");
  const ended: { readonly service: RunitsService; readonly pipe: readonly number[] }[] = [];
  const told = new Map<string, Taken>();
  for (const { name, path } of entries) {
    const service = findRunitsService(name, path);
    const tell = (outcome: Taken["outcome"], pid: number | null, why: string | null = null): void => {
      told.set(name, { name, outcome, pid, why });
    };
    if (service === null) {
      const pid = supervisorOf(`${path}/supervise`);
      if (pid !== null) tell("ours", pid);
      else if (wasSupervised(path)) tell("left alone", null, "no runsv of runit's, and none of ours, supervises it");
      continue;
    }
    const { pid } = service.runsv;
    const reason = startsOurs
      ? whyNot(service)
      : `PATH of runsvdir (pid ${runsvdir.pid}) leads to another runsv than ours`;
    if (reason !== null) tell("left alone", pid, reason);
    else if (isTrial) tell("would", pid);
    else {
      const left = attempt(() => endRunsv(service, heritage));
      if (typeof left === "string") tell("left alone", pid, left);
      else ended.push({ service, pipe: left.pipe });
    }
  }
  await expectSupervisors(
    ended.map(({ service }) => service),
    runsvdir,
    (taken) => told.set(taken.name, taken),
  );
  for (const { pipe } of ended) for (const end of pipe) closeQuietly(end);
  return entries.flatMap(({ name }) => told.get(name) ?? []);
}

function attempt<T>(action: () => T): T | string {
  try {
    return action();
  } catch (error) {
    if (error instanceof SystemError) return error.message;
    throw error;
  }
}

/** Waits until each service has a supervisor of ours, and tells of it. */
async function expectSupervisors(
  services: readonly RunitsService[],
  runsvdir: Runsvdir,
  tell: (taken: Taken) => void,
): Promise<void> {
  const open = new Set(services);
  let hintAt = 0;
  await until(() => {
    if (performance.now() >= hintAt) {
      hintAt = performance.now() + hintPause;
      askForScan(runsvdir);
    }
    for (const service of open) {
      const pid = supervisorOf(service.supervise);
      if (pid === null) continue;
      open.delete(service);
      tell({ name: service.name, outcome: "taken over", pid, why: null });
    }
    return open.size === 0 ? true : null;
  });
  for (const { name } of open) {
    tell({ name, outcome: "failed", pid: null, why: "it runs on, and no runsv has been started for it" });
  }
}

/** Has a runsvdir look for ended runsv at once, unless it would die of the signal, as runit's own one outside Debian. */
function askForScan({ pid, info }: Runsvdir): void {
  const isIt = processInfo(pid)?.startTicks === info.startTicks && nameOfProcess(pid) === "runsvdir";
  if (!isIt || !catchesSignal(pid, "SIGALRM")) return;
  const held = holdProcess(pid, info.startTicks);
  held?.signal("SIGALRM");
  held?.close();
}

/** The first answer; null where there is none in time. */
async function until<T>(ask: () => T | null): Promise<T | null> {
  const end = performance.now() + patience;
  for (;;) {
    const answer = ask();
    if (answer !== null || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

import { closeSync, constants, openSync } from "node:fs";

import { FatalError } from "@upkeep/program/process/run-program";
import { closeDescriptor, setCloseOnExec } from "@upkeep/linux/fd/descriptor";
import { attempt, errno, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { tryLock, waitForLock } from "@upkeep/linux/fd/lock";
import { addNice, changeDirectory, changeRoot, startSession } from "@upkeep/linux/process/process-control";
import type { ByteText } from "@upkeep/linux/core/byte-text";

import type { Successor } from "./become.ts";
import { type Change, changeEnvironment } from "../core/environment.ts";
import { readEnvironmentDirectory } from "./environment-directory.ts";
import type { Plan } from "../core/plan.ts";
import { becomeUser, idVariables, resolveUser } from "./users.ts";
import { cStringOf, pathOf } from "./c-text.ts";

const lockFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const lockMode = 0o600;

/** The process at the beginning. */
export interface Given {
  readonly environment: readonly ByteText[];
  /** The descriptors of 0 to 2 that the parent left closed. */
  readonly closedAtStart: readonly number[];
  readonly warn: (message: string) => void;
}

/**
 * Changes this process in runit's order, without the limits. Throws {@link FatalError} and SystemError.
 *
 * @returns the program to become.
 */
export function carryOut(plan: Plan, { environment, closedAtStart, warn }: Given): Successor {
  // It fails in a process that leads its group already, which does not matter.
  if (plan.wantsSession) startSession();
  const changes: Change[] = [...directoryVariables(plan, warn)];
  if (plan.root !== null) {
    enter(plan.root);
    changeRoot();
  }
  if (plan.directory !== null) enter(plan.directory);
  if (plan.nice !== 0) addNice(plan.nice);
  if (plan.shownUser !== null) changes.push(...idVariables(resolveUser(plan.shownUser)));
  if (plan.user !== null) becomeUser(resolveUser(plan.user));
  if (plan.lock !== null) takeLock(plan.lock);
  for (const fd of plan.closed) close(fd, closedAtStart);
  const { program, argv, limits } = plan;
  return { program, argv, limits, environment: changeEnvironment(environment, changes) };
}

function directoryVariables({ environmentDirectory }: Plan, warn: Given["warn"]): readonly Change[] {
  if (environmentDirectory === null) return [];
  const { path, onDirectory } = environmentDirectory;
  return readEnvironmentDirectory(path, (problem) => {
    if (onDirectory === "fail") throw problem;
    if (onDirectory === "warn") warn(problem.message);
  });
}

function enter(directory: ByteText): void {
  const failed = changeDirectory(cStringOf(directory));
  if (failed !== 0) throw new SystemError(`change directory: ${directory}`, failed);
}

/** The descriptor stays open for the program, because the lock lives as long as it. */
function takeLock({ path, waits }: NonNullable<Plan["lock"]>): void {
  const fd = attempt(`open lock: ${path}`, () => openSync(pathOf(path), lockFlags, lockMode));
  attempt(`lock: ${path}`, () => {
    if (waits) waitForLock(fd);
    else if (!tryLock(fd)) {
      closeSync(fd);
      throw new SystemError("lock", errno.EAGAIN);
    }
  });
  setCloseOnExec(fd, false);
}

function close(fd: 0 | 1 | 2, closedAtStart: readonly number[]): void {
  const failed = closedAtStart.includes(fd) ? errno.EBADF : closeDescriptor(fd);
  const name = (["stdin", "stdout", "stderr"] as const)[fd];
  if (failed !== 0) throw new FatalError(`unable to close ${name}: ${reasonOf(failed)}`, null);
}

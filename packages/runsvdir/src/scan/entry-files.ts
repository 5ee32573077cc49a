import { readdirSync, writeFileSync } from "node:fs";

import { dependenciesDirectory, listDependencies } from "@upkeep/service-directory/files/dependencies";
import { sendControl } from "@upkeep/supervise/fifo/client-end";
import { supervisePath } from "@upkeep/supervise/place/supervise-path";
import { saysWantExit } from "@upkeep/supervise/core/stat";
import { tai64nText } from "@upkeep/supervise/core/tai64n";
import { wallClock } from "@upkeep/linux/time/clock";
import { attempt, errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import { nameOf } from "@upkeep/linux/core/name-text";
import { readFile } from "@upkeep/linux/fd/files";
import { inReach } from "@upkeep/linux/fd/reach";
import { holdReserve } from "@upkeep/linux/fd/reserve";

import { isServiceName, type Identity } from "../core/scan.ts";
import type { ScanDirectory } from "./scan-directory.ts";
import type { Needs } from "../core/stop-order.ts";

type Warn = (message: string) => void;

/** The file with the time of the last scan on request, as of Debian's runsvdir. */
const forcedRescan = ".forced-rescan";

/** Tells the runsv of a service to kill its process. The runsv has been asked to leave before. */
export function killService(directory: ScanDirectory | null, identity: Identity, name: string, warn: Warn): void {
  withSupervise(directory, identity, name, (supervise) =>
    tellTrouble(warn, () => sendControl(`${supervise}/control`, `${name}/supervise/control`, ["kill"])),
  );
}

/**
 * Whether a runsv that was asked to leave has had another command since: as in runit, the last command counts. The stat
 * of a service that is down does not say; then a second TERM does no harm.
 */
export function isCalledBack(directory: ScanDirectory | null, identity: Identity, name: string): boolean {
  try {
    const stat = withSupervise(directory, identity, name, (supervise) => readFile(`${supervise}/stat`));
    return stat !== null && !saysWantExit(stat.toString("latin1"));
  } catch {
    return false;
  }
}

/** Null when the name leads to another service by now. */
function withSupervise<Result>(
  directory: ScanDirectory | null,
  identity: Identity,
  name: string,
  use: (supervise: string) => Result,
): Result | null {
  if (directory === null || directory.identityOf(name) !== identity) return null;
  return inReach(`${directory.path}/${name}`, (path) => use(supervisePath(path)));
}

/**
 * Makes the function that reads which services of a scan directory depend on which. It holds a descriptor back: without
 * one, nothing could be read, and the services would be stopped in no order.
 */
export function createNeedsReader(warn: Warn): (directory: ScanDirectory | null) => Needs {
  const reserve = holdReserve();
  return (directory) => (directory === null ? new Map() : reserve.use(() => readNeeds(directory, warn)));
}

/** A service whose dependencies cannot be told may depend on any other one, so it is stopped before them. */
function readNeeds({ path }: ScanDirectory, warn: Warn): Needs {
  const read = (what: string, list: () => readonly string[]): readonly string[] | null => {
    try {
      return list();
    } catch (error) {
      // A plain file, of which runsv says that it names no dependency.
      if (errnoOf(error) === errno.ENOTDIR) return [];
      warn(`unable to read ${what}, services are stopped in another order: ${reasonOf(errnoOf(error))}`);
      return null;
    }
  };
  const names =
    read("scan directory", () => readdirSync(path, { encoding: "buffer" }).map(nameOf).filter(isServiceName)) ?? [];
  return new Map(
    names.flatMap((name) => {
      const found = read(`${name}/${dependenciesDirectory}`, () => inReach(`${path}/${name}`, listDependencies));
      const needs = found ?? names.filter((other) => other !== name);
      return needs.length > 0 ? [[name, needs]] : [];
    }),
  );
}

/** Writes the time of a scan on request into the scan directory, as 25 bytes of text. */
export function writeForcedRescan(directory: ScanDirectory | null, warn: Warn): void {
  if (directory === null) return;
  tellTrouble(warn, () => {
    const path = `${directory.path}/${forcedRescan}`;
    try {
      attempt(`write ${forcedRescan}`, () => writeFileSync(path, tai64nText(wallClock()), { mode: 0o644 }));
    } catch (error) {
      // A read-only directory is made so on purpose: no warning at each scan.
      if (errnoOf(error) !== errno.EROFS) throw error;
    }
  });
}

function tellTrouble(warn: Warn, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    warn(error.message);
  }
}

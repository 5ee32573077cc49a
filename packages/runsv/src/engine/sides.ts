import { statSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { errno, errnoOf, reasonOf, SystemError } from "@upkeep/linux/core/errno";
import {
  hasFile,
  openFollowedDirectory,
  type FollowedDirectory,
  type ServiceDirectory,
} from "@upkeep/service-directory/files/directory";
import { isThere } from "@upkeep/linux/fd/files";
import { isOwnDirectory } from "@upkeep/supervise/files/own-file";
import { readSettings, type StartSettings } from "@upkeep/service-directory/files/settings";
import type { Command } from "@upkeep/supervise/core/command";
import { NotAFifoError } from "@upkeep/supervise/fifo/supervisor-end";

import type { Place } from "../adopt/place.ts";
import type { SlotName } from "../core/slot.ts";
import type { Published } from "./publisher.ts";
import { createSuperviseFiles, type SuperviseFiles } from "./supervise-files.ts";

/** Milliseconds until a control FIFO that could not be read is opened again. */
const reopenPause = 1000;
/** Milliseconds between two tries for a log lock that somebody else holds. */
const lockPause = 100;

/** What is open of one slot. */
interface Side extends Published {
  readonly slot: SlotName;
  readonly directory: FollowedDirectory;
  readonly wants: "up" | "down";
  openControl(): void;
}

/** A side whose lock is ours, and its settings. */
export interface LockedSide extends Side, Omit<Place, "directory" | "files"> {
  readonly files: SuperviseFiles;
  readonly settings: StartSettings;
}

/** Where commands go, and what wakes the engine; it is opened last. */
export interface Door {
  readonly onCommands: (slot: SlotName, commands: readonly Command[]) => void;
  readonly wake: () => void;
  /** Told how to close what has just been opened. */
  readonly onOpened: (close: () => void) => void;
}

/** Opens both slots, and takes their locks. The log is left out when we are to end before its lock is ours. */
export async function openSides(
  path: () => string,
  opened: number | null,
  door: Door,
  say: Diagnostics,
  isToEnd: () => boolean,
): Promise<{ readonly service: LockedSide; readonly log: LockedSide | null }> {
  const directory = openFollowedDirectory(path, "change to directory", opened);
  door.onOpened(() => directory.close());
  directory.list();
  const wants = hasFile(directory, "down") ? "down" : "up";
  const logDirectory = openLogDirectory(directory, say);
  if (logDirectory !== null) door.onOpened(() => logDirectory.close());
  const logWants = logDirectory !== null && hasFile(logDirectory, "down") ? "down" : "up";
  const service = openSide("service", directory, wants, door, say);
  const log = logDirectory === null ? null : openSide("log", logDirectory, logWants, door, say);
  lockNow(service.files, "supervise/lock");
  const lookAnew = (): void => {
    directory.lookAnew();
    logDirectory?.lookAnew();
  };
  const hasLogLock = log !== null && (await lockPatiently(log.files, lookAnew, say, isToEnd));
  if (!hasLogLock) log?.files.close();
  return { service: lockedSide(service), log: hasLogLock ? lockedSide(log) : null };
}

/** The directory of the log service; null when there is none. */
function openLogDirectory(service: ServiceDirectory, say: Diagnostics): FollowedDirectory | null {
  if (!service.mayHave("log")) return null;
  try {
    if (!statSync(service.path("log")).isDirectory()) {
      say.warning("./log: not a directory.");
      return null;
    }
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) say.warning(`unable to stat() ./log: ${reasonOf(errnoOf(error))}`);
    return null;
  }
  return openFollowedDirectory(() => service.path("log"), "change directory to ./log");
}

function openSide(
  slot: SlotName,
  directory: FollowedDirectory,
  wants: "up" | "down",
  { onCommands, wake, onOpened }: Door,
  say: Diagnostics,
): Side {
  const label = slot === "log" ? "log/" : "";
  const files = createSuperviseFiles(directory, label);
  onOpened(files.close);
  const openControl = (): void => {
    files.openControl(
      (commands) => onCommands(slot, commands),
      (error) => {
        say.warning(`unable to read ${label}supervise/control: ${reasonOf(errnoOf(error))}`);
        // The next publication finds the directory closed, and opens all of it anew.
        files.close();
        setTimeout(wake, reopenPause);
      },
    );
  };
  const reopen = (): void => {
    try {
      files.close();
      lockNow(files, `${label}supervise/lock`);
      openControl();
      files.openOk();
    } catch (error) {
      files.close();
      throw error;
    }
  };
  return { slot, directory, files, wants, openControl, reopen };
}

/**
 * Moves over to the directory that the path of a slot leads to by now. The publisher writes the state there; what is wrong
 * with the new directory it says as well, and tries again.
 *
 * @returns whether it is another one.
 */
export function follow(side: LockedSide | null, say: Diagnostics): boolean {
  if (side === null || !side.directory.follow()) return false;
  say.warning(
    `${side.slot === "log" ? "./log" : "the service directory"} has been replaced: going on with the new one`,
  );
  try {
    side.reopen();
  } catch (error) {
    if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
  }
  return true;
}

function lockedSide(side: Side): LockedSide {
  // Each start of ./run reads the settings again, and warns of what is wrong with them.
  const settings = readSettings(side.directory, side.slot, () => {});
  return { ...side, settings, hasSession: settings.hasSession };
}

/** Says that nothing will be adopted where others could have written what is on record. */
export function warnOfOthers(side: LockedSide | null, say: Diagnostics): void {
  if (side === null) return;
  const [path, name] = side.files.at("state.json");
  const [supervise] = side.files.at(".");
  if (!isThere(path) || isOwnDirectory(supervise)) return;
  say.warning(`${name}: not trusted, others may write to its directory: no process is adopted`);
}

function lockNow(files: SuperviseFiles, name: string): void {
  if (!files.openLock().tryLock()) throw new SystemError(`lock ${name}`, errno.EAGAIN);
}

/**
 * Several services may share a log directory. One of them logs at a time, and the others wait, as in runit.
 *
 * @returns false when it is to end before it has the lock.
 */
async function lockPatiently(
  files: SuperviseFiles,
  onWaited: () => void,
  say: Diagnostics,
  isToEnd: () => boolean,
): Promise<boolean> {
  const lock = files.openLock();
  for (let isFirst = true; !lock.tryLock(); isFirst = false) {
    if (isToEnd()) return false;
    if (isFirst) say.warning(`unable to lock log/supervise/lock, waiting: ${reasonOf(errno.EAGAIN)}`);
    await new Promise((resolve) => setTimeout(resolve, lockPause));
    onWaited();
  }
  return true;
}

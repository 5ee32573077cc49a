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
import { createSuperviseFiles, type ControlHandler, type SuperviseFiles } from "./supervise-files.ts";

/** Milliseconds until a control FIFO that could not be read is opened again. */
const reopenPause = 1000;
/** Milliseconds between two tries for a log lock that somebody else holds. */
const lockPause = 100;

/** Where commands go, and what wakes the engine. */
export interface Door {
  readonly say: Diagnostics;
  onCommands(slot: SlotName, commands: readonly Command[]): void;
  /** Does what is due. */
  wake(): void;
}

/** What is open of one slot. */
export class Side implements Published, ControlHandler {
  readonly slot: SlotName;
  readonly directory: FollowedDirectory;
  readonly files: SuperviseFiles;
  /** It is opened last. */
  #door: Door | null = null;

  /** It owns the directory. */
  constructor(slot: SlotName, directory: FollowedDirectory) {
    this.slot = slot;
    this.directory = directory;
    this.files = createSuperviseFiles(directory, labelOf(slot));
  }

  openControl(door: Door): void {
    this.#door = door;
    this.files.openControl(this);
  }

  onCommands(commands: readonly Command[]): void {
    this.#door?.onCommands(this.slot, commands);
  }

  onError(error: unknown): void {
    this.#door?.say.warning(`unable to read ${this.#nameOf("control")}: ${reasonOf(errnoOf(error))}`);
    // The next publication finds the directory closed, and opens all of it anew.
    this.files.close();
    setTimeout(() => this.#door?.wake(), reopenPause);
  }

  reopen(): void {
    try {
      this.files.close();
      this.lockNow();
      if (this.#door !== null) this.openControl(this.#door);
      this.files.openOk();
    } catch (error) {
      this.files.close();
      throw error;
    }
  }

  /** Throws SystemError where another process has the lock. */
  lockNow(): void {
    if (!this.files.openLock().tryLock()) throw new SystemError(`lock ${this.#nameOf("lock")}`, errno.EAGAIN);
  }

  /**
   * Moves over to the directory that its path leads to by now. The publisher writes the state there; what is wrong with the
   * new directory it says as well, and tries again.
   *
   * @returns whether it is another one.
   */
  follow(path: () => string, say: Diagnostics): boolean {
    if (!this.directory.follow(path)) return false;
    const what = this.slot === "log" ? "./log" : "the service directory";
    say.warning(`${what} has been replaced: going on with the new one`);
    try {
      this.reopen();
    } catch (error) {
      if (!(error instanceof SystemError || error instanceof NotAFifoError)) throw error;
    }
    return true;
  }

  close(): void {
    this.files.close();
    this.directory.close();
  }

  /** What messages call a file of the supervise directory, also where that is elsewhere. */
  #nameOf(file: string): string {
    return `${labelOf(this.slot)}supervise/${file}`;
  }
}

function labelOf(slot: SlotName): "" | "log/" {
  return slot === "log" ? "log/" : "";
}

/** A side whose lock is ours, as it was found when it was opened. */
export interface LockedSide extends Place {
  readonly side: Side;
  readonly files: SuperviseFiles;
  readonly wants: "up" | "down";
  readonly settings: StartSettings;
}

/** What opening them needs. */
export interface SidePorts {
  /** The path of the service directory now. */
  path(): string;
  readonly say: Diagnostics;
  /** Whether it is to end at once. */
  isToEnd(): boolean;
}

/** Both slots; the log is null where there is none. */
export interface Sides {
  readonly service: LockedSide;
  readonly log: LockedSide | null;
}

/**
 * Opens both slots, and takes their locks. The log is left out when we are to end before its lock is ours. Nothing stays
 * open when that fails.
 *
 * @param opened a descriptor of the service directory, where our parent has given us one.
 */
export async function openSides(ports: SidePorts, opened: number | null): Promise<Sides> {
  const service = new Side("service", openFollowedDirectory(ports.path(), "change to directory", opened));
  let log: Side | null = null;
  try {
    const { directory } = service;
    directory.list();
    const wants = wantsOf(directory);
    log = openLogSide(directory, ports.say);
    const logWants = log === null ? "up" : wantsOf(log.directory);
    service.lockNow();
    if (log !== null && !(await lockPatiently(log, directory, ports))) {
      log.close();
      log = null;
    }
    return { service: lockedSide(service, wants), log: log === null ? null : lockedSide(log, logWants) };
  } catch (error) {
    log?.close();
    service.close();
    throw error;
  }
}

function wantsOf(directory: ServiceDirectory): "up" | "down" {
  return hasFile(directory, "down") ? "down" : "up";
}

/** The side of the log service; null when there is none. */
function openLogSide(service: ServiceDirectory, say: Diagnostics): Side | null {
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
  return new Side("log", openFollowedDirectory(service.path("log"), "change directory to ./log"));
}

function lockedSide(side: Side, wants: "up" | "down"): LockedSide {
  const { slot, directory, files } = side;
  // Each start of ./run reads the settings again, and warns of what is wrong with them.
  const settings = readSettings(directory, slot, () => {});
  return { side, slot, directory, files, wants, settings, hasSession: settings.hasSession };
}

/** Says that nothing will be adopted where others could have written what is on record. */
export function warnOfOthers({ files }: LockedSide, say: Diagnostics): void {
  const [path, name] = files.at("state.json");
  const [supervise] = files.at(".");
  if (!isThere(path) || isOwnDirectory(supervise)) return;
  say.warning(`${name}: not trusted, others may write to its directory: no process is adopted`);
}

/**
 * Several services may share a log directory. One of them logs at a time, and the others wait, as in runit.
 *
 * @returns false when it is to end before it has the lock.
 */
async function lockPatiently(log: Side, service: ServiceDirectory, ports: SidePorts): Promise<boolean> {
  const lock = log.files.openLock();
  for (let isFirst = true; !lock.tryLock(); isFirst = false) {
    if (ports.isToEnd()) return false;
    if (isFirst) ports.say.warning(`unable to lock log/supervise/lock, waiting: ${reasonOf(errno.EAGAIN)}`);
    await new Promise((resolve) => setTimeout(resolve, lockPause));
    service.lookAnew();
    log.directory.lookAnew();
  }
  return true;
}

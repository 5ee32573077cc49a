import { renameSync } from "node:fs";

import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";

import type { LogConfig } from "../core/config.ts";
import { nextCut } from "../core/rotation.ts";
import type { Messages } from "../messages.ts";
import { openCurrent, stateOfCurrent, type CurrentFile } from "./current-file.ts";
import { createNaming, prune, removeOldest } from "./old-log-files.ts";
import type { OpenDirectory } from "./open-directory.ts";
import type { Destination, Parcel } from "./outlet.ts";
import type { OpenPlace } from "./place.ts";

/** What is done to logs beside writing to them. A step may fail, and is then tried again by itself. */
export type Step =
  | "put aside"
  | "open"
  | "rotate"
  | "keep pace"
  | "rename"
  | "create"
  | "tidy"
  | "sync"
  | "finish"
  | "close";

/** Put aside what a crash has left in `current`, which leads to opening it. */
export const opening: readonly Step[] = ["put aside"];
/** Finish `current` and close it. */
export const closing: readonly Step[] = ["sync", "finish", "close"];
/** End the log and begin another. */
const rotation: readonly Step[] = ["keep pace", "finish", "rename", "create", "tidy"];
const nothing: readonly Step[] = [];

/** Writes to `current` and rotates it, as one configuration says. */
export interface LogWriter extends Destination<Step> {
  /** Null: it is not open. */
  current(): CurrentFile | null;
  /** Size of `current`; 0 when it is not open. */
  size(): number;
  /** Closes `current` without finishing it. */
  abandon(): void;
}

export interface WriterPorts {
  readonly directory: OpenDirectory;
  readonly config: LogConfig;
  readonly lineLength: number;
  readonly say: Messages;
  /** `current` has been opened, in the place of the log that lines went to before; null: that has been closed. */
  readonly onOpened: (before: CurrentFile | null, now: CurrentFile) => void;
  /** Opens `current`. */
  readonly openFile?: typeof openCurrent | undefined;
}

/**
 * Creates the writer of one configuration. The steps are in one closure, as all of them work on the one open file.
 *
 * @param open `current`, if it is open; it is the writer's from now on.
 */
export function createLogWriter(ports: WriterPorts, open: CurrentFile | null): LogWriter {
  const { directory, config, lineLength, say, onOpened, openFile = openCurrent } = ports;
  const { place, processor, background } = directory;
  const path = place.path("current");
  const nameFor = createNaming(place);
  let file = open;

  const close = (): void => {
    file?.close();
    file = null;
  };
  const rotate = (): readonly Step[] => (file?.isRegular === true && file.size() > 0 ? rotation : nothing);

  const actions: Record<Step, () => readonly Step[] | void> = {
    "put aside": () => {
      if (stateOfCurrent(path, place.name) !== "torn") return ["open"];
      const name = nameFor("u");
      attempt(`rename current: ${place.name}`, () => renameSync(path, place.path(name)));
      return ["open", "tidy"];
    },
    open: () => {
      const isNew = stateOfCurrent(path, place.name) === "absent";
      file = openFile(path, place.name, "open current");
      onOpened(null, file);
      say.info(`${isNew ? "new" : "append"}: ${place.name}/current`);
    },
    rotate,
    // Only one log is synced in the background, so that a disk that is slower than the input slows it down.
    "keep pace": () => {
      if (background.isSyncing()) file?.sync();
    },
    rename: () => {
      const name = nameFor(config.processor === null ? "s" : "u");
      if (renameCurrent(place, name, say)) say.info(`rename: ${place.name}/current ${name} ${file?.size() ?? 0}`);
    },
    create: () => {
      const next = openFile(path, place.name, "create new current");
      onOpened(file, next);
      if (file?.isSynced() === true) file.close();
      else if (file !== null) background.syncAndClose(file);
      file = next;
    },
    // Should this fail, logging goes on with too many old logs.
    tidy: () => background.add(prune(place, config, processor.inProcess(), say).finally(() => processor.kick())),
    sync: () => file?.sync(),
    finish: () => file?.finish(),
    close,
  };

  /** On a full disk the oldest log makes room, if it may go. */
  const writeSome = (to: CurrentFile, parcel: Parcel, end: number): number => {
    try {
      return to.write(parcel.bytes, parcel.at, end);
    } catch (error) {
      const isFull = error instanceof SystemError && error.errno === errno.ENOSPC;
      if (isFull && removeOldest(place, config, processor.inProcess(), say)) return parcel.at;
      throw error;
    }
  };
  return {
    put: (parcel) => {
      if (file === null) throw new Error("internal error: current is not open");
      const size = file.isRegular ? config.size : 0;
      const { end, rotates } = nextCut({ size, lineLength }, file.size(), parcel.bytes, parcel.at, parcel.to);
      if (rotates === "before") return rotate();
      while (parcel.at < end) parcel.at = writeSome(file, parcel, end);
      return rotates === "after" ? rotate() : nothing;
    },
    perform: (step) => actions[step]() ?? nothing,
    current: () => file,
    size: () => file?.size() ?? 0,
    abandon: close,
  };
}

/** Returns false, with a warning, when somebody has removed `current`: there is nothing to keep then. */
function renameCurrent(place: OpenPlace, name: string, say: Messages): boolean {
  try {
    renameSync(place.path("current"), place.path(name));
    return true;
  } catch (error) {
    const failure = SystemError.from(`rename current: ${place.name}`, error);
    if (failure.errno !== errno.ENOENT || place.isRemoved()) throw failure;
    say.warning(failure.message);
    return false;
  }
}

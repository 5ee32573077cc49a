import { existsSync, renameSync, statSync } from "node:fs";

import { wallClock } from "@upkeep/linux/time/clock";
import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";

import type { LogConfig } from "../core/config.ts";
import { createBackground } from "./background.ts";
import { openCurrent, stateOfCurrent, type CurrentFile } from "./current-file.ts";
import type { Messages } from "../messages.ts";
import { listOldLogs, prune, removeOldest, type Place } from "./old-log-files.ts";
import { createOutlet, type Loss, type Outlet, type Parcel } from "./outlet.ts";
import { latestLabel, nextCut, nextLabel } from "../core/rotation.ts";

/** What a writer needs of its surroundings. The functions are asked each time, for a HUP may change the answers. */
export interface WriterPorts {
  readonly place: () => Place;
  readonly config: () => LogConfig;
  readonly lineLength: number;
  readonly say: Messages;
  /** Label of the log that a processor works on; null: none. */
  readonly inProcess: () => string | null;
  /** `current` has been opened, in the place of the log that lines went to before; null: that has been closed. */
  readonly onOpened: (before: CurrentFile | null, now: CurrentFile) => void;
  /** A log has ended, and old ones are removed. */
  readonly onRotated: () => void;
  readonly onDrained: () => void;
  /** Where the directory has been removed: whether there is another one now in its place. */
  readonly renewPlace: () => boolean;
}

/** Writes to `current` and rotates it. Nothing of it throws: trouble is told, and what it concerns is tried again. */
export interface LogWriter {
  write(bytes: Buffer, from: number, to: number): void;
  /** Opens `current`; what a crash has left is put aside first. */
  open(): void;
  /** Ends the log and begins another, unless it is empty. */
  rotate(): void;
  /** Finishes `current` and closes it. */
  close(): void;
  /** Likewise, and waits for nothing; what could not be written is given up. */
  closeNow(): Loss | null;
  /** Resolves when all logs that have ended are on the disk, and those too many removed. */
  settled(): Promise<void>;
  /** Size of `current`; 0 when it is not open. */
  size(): number;
  readonly outlet: Outlet;
}

/** Creates the writer of a log directory; it is closed. */
export function createLogWriter(ports: WriterPorts): LogWriter {
  const { lineLength, say } = ports;
  const background = createBackground(say.warning);
  let file: CurrentFile | null = null;
  let isSyncing = false;

  /** The last label given here; null: not looked up. */
  let latest: string | null = null;

  const freshName = (state: "s" | "u"): string => {
    const place = ports.place();
    latest ??= latestLabel(listOldLogs(place, "want rotate"));
    do latest = nextLabel(wallClock(), latest);
    while (existsSync(place.path(`${latest}.s`)) || existsSync(place.path(`${latest}.u`)));
    return `${latest}.${state}`;
  };

  const put = (parcel: Parcel): void => {
    const open = required(file);
    const size = open.isRegular ? ports.config().size : 0;
    const { end, rotates } = nextCut({ size, lineLength }, open.size(), parcel.bytes, parcel.at, parcel.to);
    if (rotates === "before") return outlet.precede(rotation());
    while (parcel.at < end) parcel.at = writeSome(open, parcel, end);
    if (rotates === "after") outlet.precede(rotation());
  };

  const writeSome = (open: CurrentFile, parcel: Parcel, end: number): number => {
    try {
      return open.write(parcel.bytes, parcel.at, end);
    } catch (error) {
      const isFull = error instanceof SystemError && error.errno === errno.ENOSPC;
      if (isFull && removeOldest(ports.place(), ports.config(), ports.inProcess(), say)) return parcel.at;
      throw error;
    }
  };

  /** The steps of a rotation, each of which may have to be tried again by itself. */
  const rotation = (): readonly (() => void)[] => {
    if (file === null || !file.isRegular || file.size() === 0) return [];
    const { size } = file;
    const place = ports.place();
    let isSynced = false;
    return [
      // A disk that is slower than the input must slow it down: so one log at most is synced in the background.
      () => {
        if (!isSyncing) return;
        file?.sync();
        isSynced = true;
      },
      () => file?.finish(),
      () => {
        const name = freshName(ports.config().processor === null ? "s" : "u");
        if (rename(place, name)) say.info(`rename: ${place.name}/current ${name} ${size()}`);
      },
      () => {
        const next = openCurrent(place.path("current"), place.name, "create new current");
        ports.onOpened(file, next);
        if (isSynced) file?.close();
        else if (file !== null) background.add(syncAndClose(file));
        file = next;
      },
      tidy,
    ];
  };

  /** Returns false, with a warning, when somebody has removed `current`: there is nothing to keep then. */
  const rename = (place: Place, name: string): boolean => {
    const operation = `rename current: ${place.name}`;
    try {
      renameSync(place.path("current"), place.path(name));
      return true;
    } catch (error) {
      const failure = SystemError.from(operation, error);
      if (failure.errno !== errno.ENOENT || isRemoved(place)) throw failure;
      say.warning(failure.message);
      return false;
    }
  };

  const syncAndClose = async (ended: CurrentFile): Promise<void> => {
    isSyncing = true;
    try {
      await ended.syncInBackground();
    } finally {
      isSyncing = false;
      ended.close();
    }
  };

  /** Removes old logs. Should it fail, logging goes on with too many. */
  const tidy = (): void => {
    background.add(prune(ports.place(), ports.config(), ports.inProcess(), say).finally(ports.onRotated));
  };

  const finishing = (): readonly (() => void)[] => [
    () => file?.sync(),
    () => file?.finish(),
    () => {
      file?.close();
      file = null;
    },
  ];

  const opening = (): readonly (() => void)[] => {
    const place = ports.place();
    const path = place.path("current");
    latest = null;
    return [
      () => {
        if (stateOfCurrent(path, place.name) !== "torn") return;
        const name = freshName("u");
        attempt(`rename current: ${place.name}`, () => renameSync(path, place.path(name)));
        outlet.follow([tidy]);
      },
      () => {
        const isNew = stateOfCurrent(path, place.name) === "absent";
        file = openCurrent(path, place.name, "open current");
        ports.onOpened(null, file);
        say.info(`${isNew ? "new" : "append"}: ${place.name}/current`);
      },
    ];
  };

  /** In a directory that has been made anew after it was removed the log begins anew. */
  const onRetry = (): void => {
    if (!ports.renewPlace()) return;
    file?.close();
    file = null;
    outlet.replaceSteps(opening());
  };

  const outlet = createOutlet(put, { say: say.pausing, onRetry, onDone: ports.onDrained });
  return {
    write: outlet.write,
    open: () => outlet.follow(opening()),
    rotate: () => outlet.follow([() => outlet.precede(rotation())]),
    close: () => outlet.follow(finishing()),
    closeNow: () => {
      outlet.follow(finishing());
      const loss = outlet.settle();
      file?.close();
      file = null;
      return loss;
    },
    settled: background.idle,
    size: () => file?.size() ?? 0,
    outlet,
  };
}

/** A directory that has been removed stays as long as it is open, but without a name. */
function isRemoved(place: Place): boolean {
  return (statSync(place.path("."), { throwIfNoEntry: false })?.nlink ?? 0) === 0;
}

function required(file: CurrentFile | null): CurrentFile {
  if (file === null) throw new Error("internal error: current is not open");
  return file;
}

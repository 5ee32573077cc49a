import { closeSync, fstatSync } from "node:fs";

import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";
import { readAt } from "@upkeep/linux/fd/at";
import { readFifo, type FifoReader } from "@upkeep/linux/fd/fifo-reader";
import { decodeCommand, type Command } from "@upkeep/supervise/core/command";
import { openControlFifo, openOkFifo } from "@upkeep/supervise/fifo/supervisor-end";
import type { LockFile } from "@upkeep/supervise/files/lock-file";
import { replacedPaths, replaceFileAt, type ReplacedPaths } from "@upkeep/supervise/files/replace-file";
import { openSuperviseDirectory } from "@upkeep/supervise/place/supervise-directory";
import { wakeWaiters } from "@upkeep/supervise/fifo/waiters";

import type { StatusFiles } from "../core/status.ts";

/** The supervisor's side of one `supervise` directory. */
export interface SuperviseFiles {
  /** Where an entry is, once the lock is open, and what messages call it. */
  at(entry: string): readonly [path: string, name: string];
  /** Replaces an entry as a whole. Throws SystemError. */
  replace(entry: SuperviseEntry, content: Uint8Array | string, mode?: number): void;
  /** The text of an entry that {@link replace} has written; null where there is none, or it cannot be read. */
  read(entry: SuperviseEntry): string | null;
  /** Takes for written what a former supervisor has written that nobody else could have changed. Its lock is ours. */
  recall(): void;
  /** Makes the directory and opens its lock. Throws SystemError. */
  openLock(): LockFile;
  /** Makes and opens the control FIFO. Throws SystemError, NotAFifoError. */
  openControl(onCommands: (commands: readonly Command[]) => void, onError: (error: unknown) => void): void;
  /** Takes the commands that stand in the control FIFO already. */
  takeCommands(): void;
  /** Makes and opens the ok FIFO, by which others see that we are here. Throws the same. */
  openOk(): void;
  /**
   * Writes the files whose content has changed since they were last written. Throws SystemError, with
   * ENOENT when the directory is gone or has been closed.
   */
  publish(files: Partial<StatusFiles>): void;
  /** Wakes the dependants, which wait until this service is satisfied. */
  wakeWaiters(): void;
  /** Closes everything, and forgets what was written. */
  close(): void;
}

/** A file that is replaced as a whole. */
type SuperviseEntry = keyof StatusFiles | "history.json" | "last-words";

/** The same in every service directory. */
const own: Readonly<Record<SuperviseEntry, ReplacedPaths>> = {
  pid: replacedPaths("supervise/pid"),
  stat: replacedPaths("supervise/stat"),
  status: replacedPaths("supervise/status"),
  "state.json": replacedPaths("supervise/state.json"),
  "history.json": replacedPaths("supervise/history.json"),
  "last-words": replacedPaths("supervise/last-words"),
};

const fileNames = ["pid", "stat", "status", "state.json"] as const satisfies readonly (keyof StatusFiles)[];

/**
 * @param label what messages call the directory it is in: empty for the service, `log/` for its log.
 */
export function createSuperviseFiles(directory: ServiceDirectory, label: "" | "log/"): SuperviseFiles {
  const written = new Map<keyof StatusFiles, string | Uint8Array>();
  let lock: LockFile | null = null;
  let control: FifoReader | null = null;
  let ok: number | null = null;
  /** Where it is, and what messages call it. */
  let home = { path: directory.path("supervise"), name: `${label}supervise`, isElsewhere: false };
  const at = (entry: string): readonly [path: string, name: string] => [
    `${home.path}/${entry}`,
    `${home.name}/${entry}`,
  ];
  const pathsOf = (entry: SuperviseEntry): ReplacedPaths =>
    home.isElsewhere ? replacedPaths(`${home.path}/${entry}`) : own[entry];
  const replace = (entry: SuperviseEntry, content: Uint8Array | string, mode?: number): void =>
    replaceFileAt(directory.fd, pathsOf(entry), `${home.name}/${entry}`, content, mode);
  return {
    at,
    replace,
    read: (entry) => readAt(directory.fd, pathsOf(entry).path)?.toString("utf8") ?? null,
    recall: () => {
      for (const file of ["pid", "stat", "status"] as const) {
        const found = readAt(directory.fd, pathsOf(file).path);
        if (found !== null) written.set(file, file === "status" ? Uint8Array.from(found) : found.toString("latin1"));
      }
    },
    openLock: () => {
      const opened = openSuperviseDirectory(directory.path("."), label);
      home = opened;
      lock = opened.lock;
      return lock;
    },
    openControl: (onCommands, onError) => {
      const onBytes = (bytes: Uint8Array): void => {
        onCommands([...bytes].map(decodeCommand).filter((command) => command !== null));
      };
      const [path, name] = at("control");
      const fd = openControlFifo(path, name);
      control = attempt(`open ${name}`, () => readFifo(fd, onBytes, onError));
    },
    takeCommands: () => control?.takeNow(),
    openOk: () => {
      ok = openOkFifo(...at("ok"));
    },
    publish: (files) => {
      // The directory was removed, and perhaps made anew. What is there now is not ours: our lock is not in it.
      if (lock === null || fstatSync(lock.fd).nlink === 0)
        throw new SystemError(`open ${at("pid")[1]}.new`, errno.ENOENT);
      for (const file of fileNames) {
        const content = files[file];
        if (content === undefined) continue;
        if (isSame(written.get(file), content)) continue;
        replace(file, content);
        written.set(file, content);
      }
    },
    wakeWaiters: () => wakeWaiters(home.path),
    close: () => {
      written.clear();
      lock?.close();
      control?.close();
      if (ok !== null) closeSync(ok);
      lock = control = ok = null;
    },
  };
}

function isSame(before: string | Uint8Array | undefined, content: string | Uint8Array): boolean {
  if (typeof before !== "object" || typeof content !== "object") return before === content;
  return Buffer.compare(before, content) === 0;
}

/** Whether an error of {@link SuperviseFiles.publish} says that somebody removed the directory. */
export function isGone(error: unknown): boolean {
  return error instanceof SystemError && error.errno === errno.ENOENT;
}

import { closeSync, fstatSync } from "node:fs";

import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { attempt, errno, SystemError } from "@upkeep/linux/core/errno";
import { readAt } from "@upkeep/linux/fd/at";
import { digestOf } from "@upkeep/linux/memory/digest";
import { readFifo, type FifoHandler, type FifoReader } from "@upkeep/linux/fd/fifo-reader";
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
  openControl(handler: ControlHandler): void;
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

/** Gets what comes from the control FIFO. */
export interface ControlHandler {
  /** Commands that came together. */
  onCommands(commands: readonly Command[]): void;
  /** The FIFO could not be read, and is read no more. */
  onError(error: unknown): void;
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
  return new OpenFiles(directory, label);
}

/** What stands for the content of each file as it was written last. */
type Written = Record<keyof StatusFiles, ReturnType<typeof digestOf> | null>;

function nothingWritten(): Written {
  return { pid: null, stat: null, status: null, "state.json": null };
}

class OpenFiles implements SuperviseFiles, FifoHandler {
  readonly #directory: ServiceDirectory;
  readonly #label: "" | "log/";
  /** The path of the supervise directory where it is not in the service directory. */
  #elsewhere: string | null = null;
  #written = nothingWritten();
  #lock: LockFile | null = null;
  #control: FifoReader | null = null;
  #handler: ControlHandler | null = null;
  #ok: number | null = null;

  constructor(directory: ServiceDirectory, label: "" | "log/") {
    this.#directory = directory;
    this.#label = label;
  }

  at(entry: string): readonly [path: string, name: string] {
    return [`${this.#path()}/${entry}`, this.#nameOf(entry)];
  }

  replace(entry: SuperviseEntry, content: Uint8Array | string, mode?: number): void {
    replaceFileAt(this.#directory.fd, this.#pathsOf(entry), this.#nameOf(entry), content, mode);
  }

  read(entry: SuperviseEntry): string | null {
    return readAt(this.#directory.fd, this.#pathsOf(entry).path)?.toString("utf8") ?? null;
  }

  recall(): void {
    for (const file of ["pid", "stat", "status"] as const) {
      const found = readAt(this.#directory.fd, this.#pathsOf(file).path);
      if (found !== null) this.#written[file] = markOf(found);
    }
  }

  openLock(): LockFile {
    const { path, isElsewhere, lock } = openSuperviseDirectory(this.#directory.path("."), this.#label);
    this.#elsewhere = isElsewhere ? path : null;
    this.#lock = lock;
    return lock;
  }

  openControl(handler: ControlHandler): void {
    const [path, name] = this.at("control");
    const fd = openControlFifo(path, name);
    this.#handler = handler;
    this.#control = attempt(`open ${name}`, () => readFifo(fd, this));
  }

  onBytes(bytes: Uint8Array): void {
    this.#handler?.onCommands([...bytes].map(decodeCommand).filter((command) => command !== null));
  }

  onError(error: unknown): void {
    this.#handler?.onError(error);
  }

  takeCommands(): void {
    this.#control?.takeNow();
  }

  openOk(): void {
    this.#ok = openOkFifo(...this.at("ok"));
  }

  publish(files: Partial<StatusFiles>): void {
    // The directory was removed, and perhaps made anew. What is there now is not ours: our lock is not in it.
    if (this.#lock === null || fstatSync(this.#lock.fd).nlink === 0)
      throw new SystemError(`open ${this.#nameOf("pid")}.new`, errno.ENOENT);
    for (const file of fileNames) {
      const content = files[file];
      if (content === undefined) continue;
      const mark = markOf(content);
      if (mark === this.#written[file]) continue;
      this.replace(file, content);
      this.#written[file] = mark;
    }
  }

  wakeWaiters(): void {
    wakeWaiters(this.#path());
  }

  close(): void {
    this.#written = nothingWritten();
    this.#lock?.close();
    this.#control?.close();
    if (this.#ok !== null) closeSync(this.#ok);
    this.#lock = this.#control = this.#ok = null;
  }

  #path(): string {
    return this.#elsewhere ?? `${this.#directory.path(".")}/supervise`;
  }

  /** What messages call an entry. */
  #nameOf(entry: string): string {
    return `${this.#elsewhere ?? `${this.#label}supervise`}/${entry}`;
  }

  #pathsOf(entry: SuperviseEntry): ReplacedPaths {
    return this.#elsewhere === null ? own[entry] : replacedPaths(`${this.#elsewhere}/${entry}`);
  }
}

/** A short text takes less memory than bytes do, and the digest of a long one less than that. */
function markOf(content: Uint8Array | string): ReturnType<typeof digestOf> {
  const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
  return text.length > short ? digestOf(text) : text;
}

const short = 64;

/** Whether an error of {@link SuperviseFiles.publish} says that somebody removed the directory. */
export function isGone(error: unknown): boolean {
  return error instanceof SystemError && error.errno === errno.ENOENT;
}

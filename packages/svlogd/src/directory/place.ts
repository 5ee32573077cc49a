import { accessSync, closeSync, constants, fstatSync, openSync, statSync } from "node:fs";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { readFile } from "@upkeep/linux/fd/files";
import { tryLock } from "@upkeep/linux/fd/lock";

import { defaultConfig, parseConfig, type LogConfig } from "../core/config.ts";
import type { Messages } from "../messages.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_WRONLY, X_OK } = constants;

/** A log directory as far as its files are concerned. */
export interface Place {
  /** What messages call it: the name it was given. */
  readonly name: string;
  /** Path of an entry. It stays valid when the directory is renamed. */
  path(entry: string): string;
}

/** A log directory, and what tells it from all others. */
export interface KnownPlace extends Place {
  readonly device: number;
  readonly inode: number;
}

/** A log directory that is open, and locked for us. */
export interface OpenPlace extends KnownPlace {
  readonly fd: number;
  /** Whether the directory's name still leads to it. */
  isStillThere(): boolean;
  /** Whether the directory has been removed. */
  isRemoved(): boolean;
  /** Gives the lock back. */
  close(): void;
}

/** Opens a log directory and locks it, as runit's svlogd does. Throws SystemError. */
export function openPlace(name: string): OpenPlace {
  const fd = attempt(`open log directory: ${name}`, () => openSync(pathOfName(name), O_RDONLY | O_NONBLOCK));
  const path = (entry: string): string => `/proc/self/fd/${fd}/${entry}`;
  const found = fstatSync(fd);
  let lock: number | null = null;
  const close = (): void => {
    if (lock !== null) closeSync(lock);
    closeSync(fd);
  };
  try {
    if (!found.isDirectory()) throw new SystemError(`change directory: ${name}`, errno.ENOTDIR);
    attempt(`change directory: ${name}`, () => accessSync(path("."), X_OK));
    lock = attempt(`lock directory: ${name}`, () =>
      openSync(path("lock"), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600),
    );
    if (!tryLock(lock)) throw new SystemError(`lock directory: ${name}`, errno.EAGAIN);
  } catch (error) {
    close();
    throw error;
  }
  return {
    name,
    fd,
    device: found.dev,
    inode: found.ino,
    path,
    isStillThere: () => isSame(name, fd),
    isRemoved: () => fstatSync(fd).nlink === 0,
    close,
  };
}

function isSame(name: string, fd: number): boolean {
  try {
    const [named, open] = [statSync(pathOfName(name)), fstatSync(fd)];
    return named.ino === open.ino && named.dev === open.dev;
  } catch {
    return false;
  }
}

/**
 * Reads `config`, which need not be there. Settings that cannot be used are left out, with a warning. When the file
 * cannot be read, the settings stay as they were `before`.
 */
export function readConfig(place: Place, before: LogConfig, say: Messages): LogConfig {
  let text: Uint8Array;
  try {
    text = readFile(place.path("config"), { mayBeLink: true });
  } catch (error) {
    if (errnoOf(error) === errno.ENOENT) return defaultConfig;
    say.warning(SystemError.from(`read config: ${place.name}`, error).message);
    return before;
  }
  say.info(`read: ${place.name}/config`);
  const { config, warnings } = parseConfig(text);
  for (const warning of warnings) say.warning(warning);
  return config;
}

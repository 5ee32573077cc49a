import { Buffer } from "node:buffer";
import { closeSync } from "node:fs";

import { libc } from "#libc";

import { cString } from "../ffi/c-string.ts";
import { errno, SystemError } from "../core/errno.ts";
import { bytesOfName, nameOf } from "../core/name-text.ts";
import { readAvailable, watchReadable } from "./readable.ts";

const IN_MOVED_FROM = 0x40;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const IN_DELETE_SELF = 0x400;
const IN_MOVE_SELF = 0x800;
const IN_ONLYDIR = 0x1000000;
/** Those of the directory, and nothing of what is in its files. */
const mask = IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;

/** Where a directory cannot be watched because it is not there. */
const absent: ReadonlySet<number> = new Set([errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP]);
/** struct inotify_event without its name. */
const headSize = 16;
/** All watches share the room for events: these are dealt with at once. */
const room = Buffer.alloc(4096);

/** Directories that are watched. */
export interface NameWatch {
  close(): void;
}

/**
 * Tells of each name that comes or goes in one of some directories (inotify(7)). Directories that are not there are left
 * out. Throws {@link SystemError}: EMFILE or ENOSPC where the user may have no more watches.
 *
 * @param onChange gets the directory, as it was given, and the name; null: the directory itself has gone or moved, or
 * changes were lost.
 */
export function watchNames(
  directories: readonly string[],
  onChange: (directory: string, name: string | null) => void,
): NameWatch {
  const fd = libc.inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd === -1) throw new SystemError("make inotify", libc.errno());
  const watched = new Map<number, Set<string>>();
  try {
    for (const directory of directories) {
      const number = libc.inotify_add_watch(fd, cString(bytesOfName(directory)), mask);
      // Several paths may lead to one directory.
      if (number !== -1) watched.set(number, (watched.get(number) ?? new Set()).add(directory));
      else if (!absent.has(libc.errno())) throw new SystemError(`watch ${directory}`, libc.errno());
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  let isOpen = true;
  const readable = watchReadable(fd, () => {
    const count = readAvailable(fd, room);
    // Those that were read are told of even if one of them has us closed.
    const changes = count > 0 ? changesIn(room.subarray(0, count)) : [];
    readable.wait();
    for (const { watch, name } of changes) {
      for (const directory of watched.get(watch) ?? directories) if (isOpen) onChange(directory, name);
    }
  });
  readable.wait();
  return {
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      readable.close();
      closeSync(fd);
    },
  };
}

interface Change {
  readonly watch: number;
  readonly name: string | null;
}

function changesIn(bytes: Buffer): readonly Change[] {
  const found: Change[] = [];
  for (let at = 0; at + headSize <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 12);
    const name = bytes.subarray(at + headSize, at + headSize + length);
    const end = name.indexOf(0);
    found.push({
      watch: bytes.readInt32LE(at),
      name: length === 0 ? null : nameOf(end === -1 ? name : name.subarray(0, end)),
    });
    at += headSize + length;
  }
  return found;
}

import { libc } from "#libc";

import { errno, SystemError } from "../core/errno.ts";
import { checkDatabaseFile } from "./database-file.ts";

/** An entry of the system's user database. */
export interface UserEntry {
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
  readonly home: Uint8Array;
  readonly shell: Uint8Array;
}

// struct passwd and struct group are the same in glibc and musl on 64 bits.
const recordSize = 64;
const uidAt = 16;
const gidOfUserAt = 20;
const homeAt = 32;
const shellAt = 40;
const gidOfGroupAt = 16;

const users = "/etc/passwd";
const groups = "/etc/group";

const firstBufferSize = 4096;
const pointerSize = 8;

/**
 * Finds a user as the system does, NSS modules included (getpwnam_r). The name ends with a NUL.
 *
 * @returns null if there is none. Throws {@link SystemError} when the database cannot be asked.
 */
export function findUser(name: Uint8Array): UserEntry | null {
  return lookUp(users, libc.getpwnam_r, name, readUser);
}

/** Finds a user by its id (getpwuid_r), see {@link findUser}. */
export function findUserById(uid: number): UserEntry | null {
  return lookUp(users, libc.getpwuid_r, uid, readUser);
}

function readUser(record: DataView): UserEntry {
  return {
    uid: record.getUint32(uidAt, true),
    gid: record.getUint32(gidOfUserAt, true),
    home: stringAt(record, homeAt),
    shell: stringAt(record, shellAt),
  };
}

/** Finds the id of a group by its name (getgrnam_r), see {@link findUser}. */
export function findGroup(name: Uint8Array): number | null {
  return lookUp(groups, libc.getgrnam_r, name, (record) => record.getUint32(gidOfGroupAt, true));
}

type Lookup<K> = (key: K, record: number, buffer: number, size: number, found: Uint8Array) => number;

function lookUp<K, T>(file: string, call: Lookup<K>, key: K, read: (record: DataView) => T): T | null {
  checkDatabaseFile(file);
  for (let size = firstBufferSize; ; size *= 2) {
    const address = libc.malloc(recordSize + size);
    if (address === 0) throw new SystemError("allocate memory", errno.ENOMEM);
    try {
      const found = new Uint8Array(pointerSize);
      const failed = call(key, address, address + recordSize, size, found);
      if (failed === errno.ERANGE) continue;
      if (failed !== 0) throw new SystemError("get password/group file entry", failed);
      if (found.every((byte) => byte === 0)) return null;
      return read(new DataView(copyOf(address, recordSize).buffer));
    } finally {
      libc.free(address);
    }
  }
}

function stringAt(record: DataView, at: number): Uint8Array {
  const address = Number(record.getBigUint64(at, true));
  return address === 0 ? new Uint8Array() : copyOf(address, libc.strlen(address));
}

function copyOf(address: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(size, 1));
  libc.memmove(bytes, address, size);
  return bytes.subarray(0, size);
}

import { libc } from "#libc";

import { SystemError } from "../core/errno.ts";
import { checkDatabaseFile } from "./database-file.ts";

/** Replaces the supplementary groups of this process by these (setgroups). Throws {@link SystemError}. */
export function setGroups(gids: readonly number[]): void {
  const bytes = new Uint8Array(Uint32Array.from(gids).buffer);
  if (libc.setgroups(gids.length, bytes) === -1) throw new SystemError("setgroups", libc.errno());
}

/** Takes the supplementary groups of a user, whose name ends with a NUL (initgroups). Throws {@link SystemError}. */
export function setGroupsOf(user: Uint8Array, gid: number): void {
  checkDatabaseFile("/etc/group");
  if (libc.initgroups(user, gid) === -1) throw new SystemError("initgroups", libc.errno());
}

/** Changes the group of this process; with privileges all three ids of it (setgid). Throws {@link SystemError}. */
export function setGroup(gid: number): void {
  if (libc.setgid(gid) === -1) throw new SystemError("setgid", libc.errno());
}

/**
 * Changes the user of this process; with privileges all three ids of it (setuid). The C library does so for all threads.
 * Throws {@link SystemError}.
 */
export function setUser(uid: number): void {
  if (libc.setuid(uid) === -1) throw new SystemError("setuid", libc.errno());
}

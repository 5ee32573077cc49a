import { closeSync, constants, fstatSync, openSync, readdirSync, statSync, type BigIntStats } from "node:fs";

import { errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

import type { Stamp } from "../core/freshness.ts";
import { isServiceName, type Identity, type Listed } from "../core/scan.ts";

const { O_DIRECTORY } = constants;
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;

/** An open scan directory. It stays the same one when its path comes to mean another. */
export interface ScanDirectory {
  readonly identity: Identity;
  /** Descriptor to start children in; good for nothing else. */
  readonly fd: number;
  /** A path to it which holds wherever it is moved to, while it is open. */
  readonly path: string;
  /** What each name leads to, links followed. Throws SystemError; then nothing is known of any of them. */
  list(): readonly Listed[];
  /** What one name leads to now; null when it is no directory. */
  identityOf(name: string): Identity | null;
  close(): void;
}

/** Looks at the directory that `path` means at this moment. Throws SystemError. */
export function readStamp(path: string): Stamp {
  let found: BigIntStats;
  try {
    found = statSync(path, { bigint: true });
  } catch (error) {
    throw SystemError.from(`stat ${path}`, error);
  }
  if (!found.isDirectory()) throw new SystemError(`change directory to ${path}`, errno.ENOTDIR);
  return { identity: identify(found), changed: found.mtimeNs };
}

/** Opens the directory that `path` means at this moment. Throws SystemError. */
export function openScanDirectory(path: string): ScanDirectory {
  let fd: number;
  try {
    fd = openSync(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  } catch (error) {
    throw SystemError.from(`open directory ${path}`, error);
  }
  const own = `/proc/self/fd/${fd}`;
  return {
    identity: identify(fstatSync(fd, { bigint: true })),
    fd,
    path: own,
    list: () => listNames(path, own).flatMap((name) => look(own, name)),
    identityOf: (name) => {
      const [found] = look(own, name);
      return found?.kind === "directory" ? found.identity : null;
    },
    close: () => closeSync(fd),
  };
}

function listNames(path: string, own: string): readonly string[] {
  try {
    return readdirSync(own).filter(isServiceName);
  } catch (error) {
    const verb = (error as { readonly syscall?: unknown }).syscall === "read" ? "read" : "open";
    throw SystemError.from(`${verb} directory ${path}`, error);
  }
}

function look(own: string, name: string): readonly Listed[] {
  try {
    const found = statSync(`${own}/${name}`, { bigint: true });
    return found.isDirectory() ? [{ kind: "directory", name, identity: identify(found) }] : [];
  } catch (error) {
    return [{ kind: "failed", name, errno: errnoOf(error) }];
  }
}

function identify({ dev, ino }: BigIntStats): Identity {
  return `${dev}:${ino}`;
}

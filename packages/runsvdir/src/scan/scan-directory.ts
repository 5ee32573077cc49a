import fs, { constants, type BigIntStats } from "node:fs";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import { O_PATH, readLinkOrNull } from "@upkeep/linux/fd/files";

import type { Stamp } from "../core/freshness.ts";
import { isServiceName, type Identity, type Listed } from "../core/scan.ts";
import { createSettledListing } from "./settled-listing.ts";

const { O_DIRECTORY } = constants;
const O_CLOEXEC = 0o2000000;

/** The calls to the file system, which tests let fail. */
export type FileCalls = Pick<
  typeof fs,
  "closeSync" | "fstatSync" | "lstatSync" | "openSync" | "readdirSync" | "statSync"
>;

/** An open scan directory. It stays the same one when its path comes to mean another. */
export interface ScanDirectory {
  readonly identity: Identity;
  /** Descriptor to start children in; it is of no other use. */
  readonly fd: number;
  /** A path to it that is valid while it is open, wherever it is moved to. */
  readonly path: string;
  /** What each name leads to, with links followed. Throws SystemError; then nothing is known of any name. */
  list(): readonly Listed[];
  /** What one name leads to now; null when it is no directory. */
  identityOf(name: string): Identity | null;
  close(): void;
}

/** Which directory `path` means at this moment, and when it last changed. Throws SystemError. */
export function readStamp(path: string, { statSync }: FileCalls = fs): Stamp {
  const found = attempt(`stat ${path}`, () => statSync(pathOfName(path), { bigint: true }));
  if (!found.isDirectory()) throw new SystemError(`change directory to ${path}`, errno.ENOTDIR);
  return { identity: identify(found), changed: found.mtimeNs };
}

/** Opens the directory that `path` means at this moment. Throws SystemError. */
export function openScanDirectory(path: string, files: FileCalls = fs): ScanDirectory {
  const fd = attempt(`open directory ${path}`, () =>
    files.openSync(pathOfName(path), O_PATH | O_DIRECTORY | O_CLOEXEC),
  );
  const own = `/proc/self/fd/${fd}`;
  const list = (): readonly Listed[] => {
    const place = readLinkOrNull(own) ?? "";
    return listNames(path, own, files).flatMap((name) => examine(own, place, name, files));
  };
  return {
    identity: identify(files.fstatSync(fd, { bigint: true })),
    fd,
    path: own,
    list: createSettledListing(list),
    identityOf: (name) => {
      try {
        const found = files.statSync(pathOfName(`${own}/${name}`), { bigint: true });
        return found.isDirectory() ? identify(found) : null;
      } catch {
        return null;
      }
    },
    close: () => files.closeSync(fd),
  };
}

function listNames(path: string, own: string, { readdirSync }: FileCalls): readonly string[] {
  try {
    return readdirSync(own, { encoding: "buffer" }).map(nameOf).filter(isServiceName);
  } catch (error) {
    const verb = (error as { readonly syscall?: unknown }).syscall === "read" ? "read" : "open";
    throw SystemError.from(`${verb} directory ${path}`, error);
  }
}

/** @param place the path of the scan directory, without links. */
function examine(own: string, place: string, name: string, { lstatSync, statSync }: FileCalls): readonly Listed[] {
  try {
    const path = pathOfName(`${own}/${name}`);
    const entry = lstatSync(path, { bigint: true });
    const isLink = entry.isSymbolicLink();
    const found = isLink ? statSync(path, { bigint: true }) : entry;
    if (!found.isDirectory()) return [];
    return [{ kind: "directory", name, identity: identify(found), place: isLink ? placeOf(path) : `${place}/${name}` }];
  } catch (error) {
    return [{ kind: "failed", name, errno: errnoOf(error) }];
  }
}

/** Empty where it cannot be told. */
function placeOf(path: string | Buffer): string {
  try {
    return fs.realpathSync.native(path);
  } catch {
    return "";
  }
}

function identify({ dev, ino }: BigIntStats): Identity {
  return `${dev}:${ino}`;
}

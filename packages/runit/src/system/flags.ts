import { chmodSync, closeSync, constants, existsSync, lstatSync, openSync, statSync } from "node:fs";

import { attempt, attemptUnlessAbsent, errno, SystemError } from "@upkeep/linux/core/errno";

/** The flag files. A flag is raised while its owner may execute the file; that it exists means nothing. */
interface Flags {
  readonly stop: string;
  readonly reboot: string;
}

/** Debian keeps them where the file system is always writable. */
const debian: Flags = { stop: "/run/runit.stopit", reboot: "/run/runit.reboot" };
/** The original places; Void makes links of them. */
const upstream: Flags = { stop: "/etc/runit/stopit", reboot: "/etc/runit/reboot" };
const both: readonly Flags[] = [debian, upstream];

const ctrlAltDel = "/etc/runit/ctrlaltdel";
/** While it exists, the disks are not synced before the end. */
const noSync = "/etc/runit/nosync";

/** Whether either flag asks for a stop. The request is taken back, so that it counts once. */
export function takeStopRequest(): boolean {
  const asked = both.map(({ stop }) => stop).filter(isOwnerExecutable);
  for (const path of asked) {
    try {
      chmodSync(path, 0);
    } catch {
      // The request counts, though it cannot be taken back.
    }
  }
  return asked.length > 0;
}

/** Whether a reboot is to follow, and not a power-off. */
export function isRebootAsked(): boolean {
  return both.some(({ reboot }) => isOwnerExecutable(reboot));
}

export function isSyncWanted(): boolean {
  return !existsSync(noSync);
}

export function hasCtrlAltDel(): boolean {
  return isOwnerExecutable(ctrlAltDel);
}

/** The mode decides, not access(2): a file system may be mounted noexec. */
function isOwnerExecutable(path: string): boolean {
  try {
    return (statSync(path).mode & constants.S_IXUSR) !== 0;
  } catch {
    return false;
  }
}

/** Asks for a stop, and a reboot or power-off after it. Throws SystemError. */
export function requestStop(isReboot: boolean): void {
  // Stage 1 creates the flags in one of the two places.
  const flags = isThere(upstream.stop) ? upstream : debian;
  if (isReboot) {
    raise(flags.reboot);
  } else {
    for (const { reboot } of both) if (reboot === flags.reboot || isOwnerExecutable(reboot)) lower(reboot);
  }
  raise(flags.stop);
}

function raise(path: string): void {
  const mode = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
  attempt(`create ${path}`, () => closeSync(openSync(path, mode, 0o644)));
  attempt(`chmod ${path}`, () => chmodFile(path, constants.S_IXUSR));
}

function lower(path: string): void {
  // A missing flag is not raised either.
  attemptUnlessAbsent(`chmod ${path}`, () => chmodFile(path, 0));
}

/** A flag may be a link, and that may lead to a device, which everybody uses. */
function chmodFile(path: string, mode: number): void {
  if (!statSync(path).isFile()) throw new SystemError("chmod", errno.ENOTREG);
  chmodSync(path, mode);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

import { chmodSync, closeSync, constants, existsSync, lstatSync, openSync, statSync } from "node:fs";

import { attempt, attemptUnlessAbsent } from "@upkeep/linux/core/errno";

/** The flag files: what they ask for is asked for when their owner may execute them, and not by their presence. */
interface Flags {
  readonly stop: string;
  readonly reboot: string;
}

/** Debian keeps them where the file system is writable at any time. */
const debian: Flags = { stop: "/run/runit.stopit", reboot: "/run/runit.reboot" };
/** The original places; Void makes links of them. */
const upstream: Flags = { stop: "/etc/runit/stopit", reboot: "/etc/runit/reboot" };
const both: readonly Flags[] = [debian, upstream];

const ctrlAltDel = "/etc/runit/ctrlaltdel";
/** Keeps us from writing the disks' contents out before the end. */
const noSync = "/etc/runit/nosync";

/** Whether a stop is asked for, by either flag. The request is taken back, so that it is obeyed once. */
export function takeStopRequest(): boolean {
  const asked = both.map(({ stop }) => stop).filter(isOwnerExecutable);
  for (const path of asked) {
    try {
      chmodSync(path, 0);
    } catch {
      // Nobody can be told, and the request counts all the same.
    }
  }
  return asked.length > 0;
}

/** Whether the machine is to be started again rather than powered off. */
export function isRebootAsked(): boolean {
  return both.some(({ reboot }) => isOwnerExecutable(reboot));
}

export function isSyncWanted(): boolean {
  return !existsSync(noSync);
}

export function hasCtrlAltDel(): boolean {
  return isOwnerExecutable(ctrlAltDel);
}

/** The bit of the mode and not what access(2) says: a file system may be mounted noexec. */
function isOwnerExecutable(path: string): boolean {
  try {
    return (statSync(path).mode & constants.S_IXUSR) !== 0;
  } catch {
    return false;
  }
}

/** Asks for a stop, and for what is to follow it. Throws SystemError. */
export function requestStop(isReboot: boolean): void {
  // Stage 1 makes the flags in the one place or the other.
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
  attempt(`chmod ${path}`, () => chmodSync(path, constants.S_IXUSR));
}

function lower(path: string): void {
  // No flag is as good as one that is not raised.
  attemptUnlessAbsent(`chmod ${path}`, () => chmodSync(path, 0));
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

import { chmodSync, closeSync, constants, lstatSync, openSync, renameSync, type Stats } from "node:fs";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";
import { isPrivate, makePrivateDirectory } from "@upkeep/linux/fd/private";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/** Something else stands where a FIFO of ours should be. */
export class NotAFifoError extends Error {
  override readonly name = "NotAFifoError";
}

/**
 * Makes the control FIFO (0600) unless it is there, and opens it for reading and writing at once.
 *
 * The writing end stays open for the life of the supervisor: without it the reader would see end-of-file whenever the
 * last `sv` closes its end. A FIFO that is already there keeps its owner and mode, by which an operator delegates control.
 * Throws SystemError, {@link NotAFifoError}.
 *
 * @param path where it is. @param name what messages call it: `supervise/control`.
 * @returns a non-blocking descriptor, for `readFifo`.
 */
export function openControlFifo(path: string, name: string): number {
  makeFifoUnlessThere(path, name);
  return attempt(`open ${name}`, () => openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW));
}

/**
 * Makes the ok FIFO (0600) unless it is there, and opens its reading end. Nobody reads it; it is open, and that is the
 * message. Throws SystemError, {@link NotAFifoError}.
 */
export function openOkFifo(path: string, name: string): number {
  makeFifoUnlessThere(path, name);
  return attempt(`read ${name}`, () => openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
}

/** The FIFOs by which a service writes to us: behind a prefix, and its standard error alone. */
export type OutputFifoName = "stdout" | "stderr";

/**
 * Makes a FIFO for the output of a service unless it is there, and opens it twice: `service` for the
 * service, `reader`, which is non-blocking, for us. Throws SystemError, {@link NotAFifoError}.
 *
 * The FIFO has a name, and everybody opens it for reading and writing. So nobody gets SIGPIPE when we are killed, and our
 * successor finds all that waits in it. Its mode is 0622 whatever the umask, because a service that runs as another user
 * opens it as /dev/stdout. The directory around it, which is ours alone, keeps others out: /dev/stdout leads to the FIFO
 * itself, past all directories.
 *
 * @param directory where it is to be. @param label what messages call that: `supervise/private`.
 */
export function openOutputFifo(
  directory: string,
  label: string,
  file: OutputFifoName = outputFifo,
): { readonly reader: number; readonly service: number } {
  const [path, name] = [`${directory}/${file}`, `${label}/${file}`];
  requirePrivateDirectory(directory, label);
  if (file === outputFifo) takeOldOutputFifo(directory);
  makeFifoUnlessThere(path, name, () => attempt(`change mode of ${name}`, () => chmodSync(path, 0o622)));
  const open = (flags: number): number => attempt(`open ${name}`, () => openSync(path, flags | O_NOFOLLOW));
  const reader = open(O_RDWR | O_NONBLOCK);
  try {
    return { reader, service: open(O_RDWR) };
  } catch (error) {
    // The caller tries again at each start, and must not lose a descriptor each time.
    closeSync(reader);
    throw error;
  }
}

const outputFifo = "stdout";

/** Whether a former supervisor has left the FIFO there, where the service may still write to it. */
export function hasOutputFifo(directory: string, file: OutputFifoName = outputFifo): boolean {
  return isFifo(`${directory}/${file}`) || (file === outputFifo && isFifo(oldOutputFifo(directory)));
}

/** Where it was up to version 0.1: everybody who could enter `supervise` could write to it. */
function oldOutputFifo(directory: string): string {
  return `${directory.slice(0, directory.lastIndexOf("/"))}/${outputFifo}`;
}

function takeOldOutputFifo(directory: string): void {
  const old = oldOutputFifo(directory);
  if (isFifo(old)) attempt(`move ${old}`, () => renameSync(old, `${directory}/${outputFifo}`));
}

function isFifo(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
}

/** Makes the directory unless it is there. Throws SystemError where it is not ours alone. */
function requirePrivateDirectory(path: string, name: string): void {
  const found = attempt(`create ${name}`, () => makePrivateDirectory(path));
  if (!found.isDirectory()) throw new SystemError(`use ${name}`, errno.ENOTDIR);
  if (!isPrivate(found)) throw new SystemError(`use ${name}`, errno.EPERM);
}

function makeFifoUnlessThere(path: string, name: string, onMade: () => void = () => {}): void {
  const requireFifo = (found: Stats): void => {
    if (!found.isFIFO()) throw new NotAFifoError(`${name} exists but is not a fifo`);
  };
  // An exception costs more than this question.
  const found = attempt(`stat ${name}`, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found !== undefined) return requireFifo(found);
  try {
    makeFifo(path, 0o600, `create ${name}`);
    onMade();
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
    requireFifo(attempt(`stat ${name}`, () => lstatSync(path)));
  }
}

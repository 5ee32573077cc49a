import { chmodSync, closeSync, constants, openSync, statSync } from "node:fs";

import { attempt, errno, errnoOf } from "@upkeep/linux/core/errno";
import { makeFifo } from "@upkeep/linux/fd/fifo";

const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/** Something stands where a FIFO of ours should be. */
export class NotAFifoError extends Error {
  override readonly name = "NotAFifoError";
}

/**
 * Makes the control FIFO (0600) unless it is there, and opens it for reading and writing at once.
 *
 * The writing half stays open for the life of the supervisor: without it the reader would see
 * end-of-file whenever the last `sv` closes its end. Owner and mode of a FIFO that is already there
 * are kept: that is how control is delegated. Throws SystemError, {@link NotAFifoError}.
 *
 * @param path where it is. @param name what messages call it: `supervise/control`.
 * @returns a non-blocking descriptor, for `readFifo`.
 */
export function openControlFifo(path: string, name: string): number {
  makeFifoUnlessThere(path, name);
  return attempt(`open ${name}`, () => openSync(path, O_RDWR | O_NONBLOCK));
}

/**
 * Makes the ok FIFO (0600) unless it is there, and opens its reading end, which is never read:
 * that somebody has it open is the message. Throws SystemError, {@link NotAFifoError}.
 */
export function openOkFifo(path: string, name: string): number {
  makeFifoUnlessThere(path, name);
  return attempt(`read ${name}`, () => openSync(path, O_RDONLY | O_NONBLOCK));
}

/**
 * Makes the FIFO that a service without a log service writes to unless it is there, and opens it twice: `service` is
 * for the service, `reader`, which is non-blocking, for us. Throws SystemError, {@link NotAFifoError}.
 *
 * It is a FIFO with a name, which all have open for both ends, so that nobody gets SIGPIPE, and nothing is lost
 * that waits in it, when we are killed: our successor opens the same one. Everybody may write to it (0622, whatever
 * the umask), because a service under another user opens /dev/stdout; the directory it is in keeps others out.
 */
export function openOutputFifo(path: string, name: string): { readonly reader: number; readonly service: number } {
  makeFifoUnlessThere(path, name, () => attempt(`change mode of ${name}`, () => chmodSync(path, 0o622)));
  const open = (flags: number): number => attempt(`open ${name}`, () => openSync(path, flags));
  const reader = open(O_RDWR | O_NONBLOCK);
  try {
    return { reader, service: open(O_RDWR) };
  } catch (error) {
    // Whoever calls tries again at each start, and must not lose one each time.
    closeSync(reader);
    throw error;
  }
}

function makeFifoUnlessThere(path: string, name: string, onMade: () => void = () => {}): void {
  try {
    makeFifo(path, 0o600, `create ${name}`);
    onMade();
  } catch (error) {
    if (errnoOf(error) !== errno.EEXIST) throw error;
    const found = attempt(`stat ${name}`, () => statSync(path));
    if (!found.isFIFO()) throw new NotAFifoError(`${name} exists but is not a fifo`);
  }
}

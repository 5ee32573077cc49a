import { libc } from "#libc";

import { cString } from "../ffi/c-string.ts";
import { SystemError } from "../core/errno.ts";

/** Makes a FIFO with `mode` less the umask (mkfifo(3)). Throws {@link SystemError}, EEXIST included. */
export function makeFifo(path: string, mode: number, operation = `create fifo ${path}`): void {
  if (libc.mkfifo(cString(path), mode) === -1) throw new SystemError(operation, libc.errno());
}

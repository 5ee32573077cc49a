import { constants } from "node:os";

const numbers: Readonly<Record<string, number>> = constants.errno;

/** The errno values by name, as on this machine: `errno.ENOENT` is 2 on Linux. */
export const errno: typeof constants.errno = constants.errno;

/**
 * The field's wording for each errno, which differs from strerror's. Scripts look for these words.
 * Source: runit's error table, checked against runit 2.1.2.
 */
const wording: Readonly<Record<string, string>> = {
  EINTR: "interrupted system call",
  ENOMEM: "out of memory",
  ENOENT: "file does not exist",
  ETXTBSY: "text busy",
  EIO: "input/output error",
  EEXIST: "file already exists",
  ETIMEDOUT: "timed out",
  EINPROGRESS: "operation in progress",
  EADDRINUSE: "address already used",
  EAGAIN: "temporary failure",
  EWOULDBLOCK: "temporary failure",
  EPIPE: "broken pipe",
  EPERM: "permission denied",
  EACCES: "access denied",
  ENXIO: "device not configured",
  EPROTO: "protocol error",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  EBADF: "file descriptor not open",
  ENOEXEC: "exec format error",
  ENOSPC: "out of disk space",
  EROFS: "read-only file system",
  ENAMETOOLONG: "file name too long",
  ELOOP: "symbolic link loop",
  EMFILE: "process cannot open more files",
  ENFILE: "system cannot open more files",
  E2BIG: "argument list too long",
  EINVAL: "invalid argument",
  EBUSY: "device busy",
  EXDEV: "cross-device link",
  ENOTEMPTY: "directory not empty",
  EDQUOT: "disk quota exceeded",
  ESRCH: "no such process",
  ECHILD: "no child processes",
  EFBIG: "file too big",
  ENODEV: "input/output error",
};

/** The words for an errno: `reasonOf(2)` is "file does not exist"; 0 is "no error". */
export function reasonOf(number: number): string {
  if (number === 0) return "no error";
  // A search at each error costs less than a table made at each start.
  const name = Object.keys(wording).find((known) => numbers[known] === number);
  return (name === undefined ? undefined : wording[name]) ?? "unknown error";
}

/** The errno of an exception of `node:fs`, or of a {@link SystemError}; 0 when it carries none. */
export function errnoOf(error: unknown): number {
  if (error instanceof SystemError) return error.errno;
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? (numbers[code] ?? 0) : 0;
}

/**
 * A system call that failed. Its message is the field's form without program and severity:
 * `unable to open supervise/lock: file does not exist`.
 */
export class SystemError extends Error {
  override readonly name = "SystemError";
  /** What was tried, verb first: "open supervise/lock". */
  readonly operation: string;
  readonly errno: number;

  constructor(operation: string, number: number) {
    super(`unable to ${operation}: ${reasonOf(number)}`);
    this.operation = operation;
    this.errno = number;
  }

  /** Wraps what `node:fs` threw; an error that has no errno is a defect and is thrown on as it is. */
  static from(operation: string, error: unknown): SystemError {
    const number = errnoOf(error);
    if (number === 0) throw error;
    return new SystemError(operation, number);
  }
}

/** Runs `call` and gives its exception the field's form: see {@link SystemError.from}. */
export function attempt<T>(operation: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw SystemError.from(operation, error);
  }
}

/** As {@link attempt}, for what may be done already: that the file does not exist is no error. */
export function attemptUnlessAbsent(operation: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) throw SystemError.from(operation, error);
  }
}

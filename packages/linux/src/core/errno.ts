/** The errno values of Linux by name, which are the same on x86 and ARM. Source: errno(3). */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  EWOULDBLOCK: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  EDOM: 33,
  ERANGE: 34,
  EDEADLK: 35,
  ENAMETOOLONG: 36,
  ENOLCK: 37,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  ENOMSG: 42,
  EIDRM: 43,
  ENOSTR: 60,
  ENODATA: 61,
  ETIME: 62,
  ENOSR: 63,
  ENOLINK: 67,
  EPROTO: 71,
  EMULTIHOP: 72,
  EBADMSG: 74,
  EOVERFLOW: 75,
  EILSEQ: 84,
  ENOTSOCK: 88,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  EPROTOTYPE: 91,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  ENOTSUP: 95,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ENETRESET: 102,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  EINPROGRESS: 115,
  ESTALE: 116,
  EDQUOT: 122,
  ECANCELED: 125,
  // Not the system's, whose numbers end at 4095: what is there is of another kind than expected.
  ENOTREG: 4096,
  ENOTFIFO: 4097,
} as const;

const numbers: Readonly<Record<string, number>> = errno;

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
  ENOTREG: "not a regular file",
  ENOTFIFO: "not a fifo",
  ENODEV: "input/output error",
};

/** The words for an errno: `reasonOf(2)` is "file does not exist"; 0 is "no error". */
export function reasonOf(number: number): string {
  if (number === 0) return "no error";
  // Searching at each error costs less than making a table at each start.
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
 * A system call that failed. Its message is in the field's form, without program and severity:
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

/** The same for a removal: that the file does not exist is no error. */
export function attemptUnlessAbsent(operation: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) throw SystemError.from(operation, error);
  }
}

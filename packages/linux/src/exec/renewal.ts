import { closeSync, fstatSync, readdirSync, writeSync } from "node:fs";

import { libc } from "#libc";
import { closedAtStart } from "#runtime";

import { attempt, SystemError } from "../core/errno.ts";
import { bytesOfName } from "../core/name-text.ts";
import { signals, type SignalName } from "../core/signals.ts";
import { isCloseOnExec, setCloseOnExec } from "../fd/descriptor.ts";
import { cString } from "../ffi/c-string.ts";
import { allocateVector } from "../ffi/vector.ts";
import { withInheritedScore } from "../memory/out-of-memory-score.ts";
import { closeKept, encodeHandover, handoverEntry } from "./handover.ts";
import type { EnvironmentEntry } from "./environment.ts";
import { withInheritedLimit } from "./limits.ts";

/** A program that takes the place of this one, in the same process. */
export interface Renewal {
  readonly file: string;
  readonly argv: readonly Uint8Array[];
  readonly environment: readonly EnvironmentEntry[];
  /** Descriptors that the program finds by itself, by what we were told when we were started. */
  readonly keeps: readonly (number | null)[];
  /** What the program finds, see `handedOver`. */
  readonly content: unknown;
}

/**
 * Executes a program in the place of this one (execve(2)). The process stays the same, with its children, and with those
 * of them that have ended and not been reaped. So do its pipes, FIFOs and locks, which the program takes over or closes.
 *
 * The signals of supervisors are blocked and wait, until the program calls {@link settleIn}: by default they would
 * kill it, and a process 1 would lose them. Node unblocks all signals at its start, before anybody can handle them.
 *
 * Returns only when that fails: then all is as before. Throws {@link SystemError}.
 */
export function renew({ file, argv, environment, keeps, content }: Renewal): never {
  const kept = openFiles().filter((fd) => !keeps.includes(fd));
  const record = createMemoryFile("handover");
  try {
    const text = Buffer.from(encodeHandover(kept, content));
    for (let at = 0; at < text.length;) at += writeSync(record, text, at);
    const words = allocateVector(argv);
    const variables = allocateVector([...environment, handoverEntry(record)]);
    const named = keeps.filter((fd) => fd !== null);
    const inherited = [record, ...kept, ...named, ...stdio()].filter(isOurs);
    for (const fd of inherited) setCloseOnExec(fd, false);
    mask(SIG_BLOCK);
    const path = cString(bytesOfName(file));
    const failed = withInheritedLimit(() =>
      withInheritedScore(() => {
        libc.execve(path, words.address, variables.address);
        return libc.errno();
      }),
    );
    mask(SIG_UNBLOCK);
    for (const fd of inherited) setCloseOnExec(fd, true);
    words.free();
    variables.free();
    throw new SystemError(`execute ${file}`, failed);
  } finally {
    closeSync(record);
  }
}

/** Pipes, FIFOs and plain files, such as locks, that this process has open for itself. */
function openFiles(): readonly number[] {
  return attempt("list descriptors", () => readdirSync("/proc/self/fd"))
    .map(Number)
    .filter((fd) => {
      try {
        if (fd <= 2 || !isOurs(fd)) return false;
        const found = fstatSync(fd);
        return found.isFIFO() || found.isFile();
      } catch {
        // The listing itself had it open.
        return false;
      }
    });
}

/** Whether a descriptor is open, and would be closed. */
function isOurs(fd: number): boolean {
  try {
    return isCloseOnExec(fd);
  } catch {
    return false;
  }
}

/** Standard input, output and error, except those that were closed when this process was started. */
function stdio(): readonly number[] {
  const closed = closedAtStart();
  return [0, 1, 2].filter((fd) => !closed.includes(fd));
}

/** memfd_create(2), which the C libraries have only since 2.27 and 1.2. */
const memfdCreate = process.arch === "arm64" ? 279 : 319;
const MFD_CLOEXEC = 1;

/** Makes a file without a name, in memory. Throws {@link SystemError}. */
function createMemoryFile(name: string): number {
  const { address, free } = allocateVector([cString(name)]);
  // Behind the array, which has one pointer and a null.
  const fd = libc.syscall(memfdCreate, address + 16, MFD_CLOEXEC, 0, 0);
  const failed = fd === -1 ? libc.errno() : 0;
  free();
  if (failed !== 0) throw new SystemError("create memory file", failed);
  return fd;
}

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;

/**
 * What supervisors handle and what would kill by default. Not CHLD, without which a shell that stands before the program
 * would wait for ever.
 */
const handled: readonly SignalName[] = [
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGALRM",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGPWR",
];

/**
 * The program that has taken the place of another one has taken over all that it needs, and has all its handlers: what was
 * kept for it and not taken is closed, and the signals that have come meanwhile are let in.
 */
export function settleIn(): void {
  closeKept();
  mask(SIG_UNBLOCK);
}

/** Throws {@link SystemError}. */
function mask(how: number): void {
  // As the kernel has it, which glibc and musl only make longer: a bit for each signal, from 1 on.
  const set = new Uint8Array(128);
  for (const name of handled) {
    const bit = signals[name] - 1;
    set[bit >> 3] = (set[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  if (libc.sigprocmask(how, set, null) === -1) throw new SystemError("set signal mask", libc.errno());
}

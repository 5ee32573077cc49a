import { libc } from "#libc";

import { cString } from "../ffi/c-string.ts";
import type { EnvironmentEntry } from "./environment.ts";
import { errno } from "../core/errno.ts";
import { withInheritedLimit } from "./limits.ts";
import { bytesOfName } from "../core/name-text.ts";
import { allocateVector, type StringVector } from "../ffi/vector.ts";
import { withInheritedScore } from "../memory/out-of-memory-score.ts";
import { inDirectory } from "./working-directory.ts";

const POSIX_SPAWN_SETPGROUP = 0x02;
const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;

/** Larger than posix_spawn_file_actions_t, posix_spawnattr_t and sigset_t of glibc and musl. */
const opaqueSize = 512;

const everySignal = new Uint8Array(opaqueSize).fill(0xff);
const noSignal = new Uint8Array(opaqueSize);
/** Each start fills them anew, and nothing else can start meanwhile. */
const actions = new Uint8Array(opaqueSize);
const attributes = new Uint8Array(opaqueSize);
const pidNumber = new Int32Array(1);
const pidBytes = new Uint8Array(pidNumber.buffer);

/** A program to start. */
export interface SpawnRequest {
  /** The executable; relative to `directory` when that is given. As bytes it need not be UTF-8. */
  readonly path: string | Uint8Array;
  /** Look `path` up in PATH (`/bin:/usr/bin` where that is unset) when it holds no slash. */
  readonly searchPath?: boolean;
  /** The arguments, the first being the name the program is called by. As bytes they need not be UTF-8. */
  readonly argv: readonly (string | Uint8Array)[];
  readonly environment: readonly EnvironmentEntry[];
  /** Descriptor of the directory to start in; absent: ours. */
  readonly directory?: number;
  /** The program leads a session and a process group of its own (setsid). Otherwise it shares ours. */
  readonly newSession: boolean;
  /** The process group of our session that it joins; 0: it leads a new one. Absent: that of `newSession`. */
  readonly group?: number;
  /** Which descriptors of ours become 0, 1 and 2 (null: closed); absent: our own three. */
  readonly stdio?: readonly [number | null, number | null, number | null];
  /**
   * Further descriptors: the number in the child, from 3 on, and our descriptor. Ours must be higher than all of these
   * numbers, see `duplicateAbove`.
   */
  readonly descriptors?: Readonly<Record<number, number>>;
}

/** The new process, or why there is none. Errors of exec itself count: ENOENT, EACCES, ENOEXEC ... */
export type SpawnResult = { readonly ok: true; readonly pid: number } | { readonly ok: false; readonly errno: number };

/**
 * Starts a program with all signals at their default and none blocked (posix_spawn(3)). It inherits the descriptors 0 to
 * 2 and all others that are not close-on-exec. The caller must reap it.
 *
 * We know the pid before anything else of ours can run, so nobody misses the exit. A script without `#!` is ENOEXEC:
 * nothing hands it to a shell.
 */
export function spawn(request: SpawnRequest): SpawnResult {
  const initialised = libc.posix_spawn_file_actions_init(actions);
  if (initialised !== 0) return { ok: false, errno: initialised };
  try {
    const failed = addActions(request) || setAttributes(request);
    return failed === 0 ? start(request) : { ok: false, errno: failed };
  } finally {
    libc.posix_spawn_file_actions_destroy(actions);
    libc.posix_spawnattr_destroy(attributes);
  }
}

function addActions({ directory, stdio = [0, 1, 2], descriptors = {} }: SpawnRequest): number {
  if (directory !== undefined && libc.posix_spawn_file_actions_addfchdir_np !== null) {
    const failed = libc.posix_spawn_file_actions_addfchdir_np(actions, directory);
    if (failed !== 0) return failed;
  }
  for (const target of [0, 1, 2] as const) {
    const source = stdio[target];
    const failed =
      source === null
        ? libc.posix_spawn_file_actions_addclose(actions, target)
        : // Also onto itself: that clears close-on-exec, which Node sets on 0 to 2 at its start.
          libc.posix_spawn_file_actions_adddup2(actions, source, target);
    if (failed !== 0) return failed;
  }
  for (const [target, source] of Object.entries(descriptors)) {
    const failed = libc.posix_spawn_file_actions_adddup2(actions, source, Number(target));
    if (failed !== 0) return failed;
  }
  return 0;
}

function setAttributes({ newSession, group }: SpawnRequest): number {
  const flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  const place = group !== undefined ? POSIX_SPAWN_SETPGROUP : newSession ? POSIX_SPAWN_SETSID : 0;
  const failed =
    libc.posix_spawnattr_init(attributes) ||
    libc.posix_spawnattr_setsigdefault(attributes, everySignal) ||
    libc.posix_spawnattr_setsigmask(attributes, noSignal) ||
    (group === undefined ? 0 : libc.posix_spawnattr_setpgroup(attributes, group)) ||
    libc.posix_spawnattr_setflags(attributes, flags | place);
  // Before 2.26 glibc knows no POSIX_SPAWN_SETSID. A process group of its own comes closest.
  return failed === errno.EINVAL && place === POSIX_SPAWN_SETSID
    ? libc.posix_spawnattr_setflags(attributes, flags | POSIX_SPAWN_SETPGROUP)
    : failed;
}

function start(request: SpawnRequest): SpawnResult {
  const words = allocateVector(request.argv.map((word) => (typeof word === "string" ? bytesOfName(word) : word)));
  try {
    const environmentAddress = layOutEnvironment(request.environment);
    const path = cString(request.path);
    const call = request.searchPath === true ? libc.posix_spawnp : libc.posix_spawn;
    const act = (): number => call(pidBytes, path, actions, attributes, words.address, environmentAddress);
    const { directory } = request;
    const isMovedByUs = directory !== undefined && libc.posix_spawn_file_actions_addfchdir_np === null;
    const failed = withInheritedLimit(() => withInheritedScore(isMovedByUs ? () => inDirectory(directory, act) : act));
    return failed === 0 ? { ok: true, pid: pidNumber[0] ?? 0 } : { ok: false, errno: failed };
  } finally {
    words.free();
  }
}

/** The environment that was laid out last: most starts get the same one. */
let laidOut: { readonly entries: readonly EnvironmentEntry[]; readonly vector: StringVector } | null = null;

function layOutEnvironment(entries: readonly EnvironmentEntry[]): number {
  if (laidOut?.entries !== entries) {
    laidOut?.vector.free();
    laidOut = null;
    laidOut = { entries, vector: allocateVector(entries) };
  }
  return laidOut.vector.address;
}

/** Whether a failed {@link spawn} means that no process could be made at all, which may be better later. */
export function isForkFailure(number: number): boolean {
  return number === errno.EAGAIN || number === errno.ENOMEM;
}

/** A bad interpreter (errno(3)), which the runtimes have no name for. */
const ELIBBAD = 80;
const lasting: ReadonlySet<number> = new Set([errno.ENOEXEC, errno.EACCES, ELIBBAD]);

/**
 * Whether a failed {@link spawn} says that the file as it is cannot be run. Any other failure may be over a moment later:
 * the system lacks something, or somebody is writing or replacing the file.
 *
 * @param isThere whether the file exists. Then ENOENT is about its interpreter.
 */
export function isLastingFailure(number: number, isThere: boolean): boolean {
  return lasting.has(number) || (number === errno.ENOENT && isThere);
}

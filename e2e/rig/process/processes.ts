import { closeSync, openSync, readFileSync, readSync, readdirSync, readlinkSync } from "node:fs";

/** Environment variable by which a rig finds all processes below it, whatever session they are in. */
export const marker = "UPKEEP_E2E_RIG";

/** One letter as in /proc/PID/stat (`S` sleeping, `T` stopped, `Z` zombie); undefined when there is no such process. */
export function processState(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

/** True while the process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  const state = processState(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

/**
 * True when the process has closed all that it had open. A process that was killed takes its time for that, and the main
 * one of its threads may be a zombie before the others have ended.
 */
export function hasLetGo(pid: number): boolean {
  return !isAlive(pid) && threadsOf(pid).length <= 1;
}

/** Process group of a process. */
export function processGroup(pid: number): number | undefined {
  const field = statFields(pid)?.[2];
  return field === undefined ? undefined : Number(field);
}

/** Session of a process. */
export function sessionOf(pid: number): number {
  return fieldOf(pid, 3);
}

/** Milliseconds since boot, in steps of ten: the clock of the journal and of {@link startedAt}. */
export function bootMillis(): number {
  return Math.round(Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000);
}

/** When the kernel made a process, in milliseconds since boot, in steps of ten. */
export function startedAt(pid: number): number {
  return fieldOf(pid, 19) * 10;
}

/** Pids of the children of a process, zombies included. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return threadsOf(pid).flatMap((thread) => {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1");
      return text
        .split(" ")
        .filter((word) => word !== "")
        .map(Number);
    });
  } catch {
    return []; // It has ended.
  }
}

/** Pids of the processes of which a process has a pidfd (proc(5)). */
export function heldBy(pid: number): readonly number[] {
  const directory = `/proc/${pid}/fdinfo`;
  try {
    return readdirSync(directory).flatMap((fd) => {
      const held = /^Pid:\s*(\d+)$/m.exec(textOf(`${directory}/${fd}`))?.[1];
      return held === undefined ? [] : [Number(held)];
    });
  } catch {
    return []; // It has ended.
  }
}

/** Empty where there is no such file any more. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** The words of a process's command line; none when it has ended. */
export function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** What a process has open, according to /proc, without what it closes meanwhile. */
export function openFiles(pid: number): readonly string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).flatMap((fd) => readLink(`${directory}/${fd}`) ?? []);
}

/** Sends a signal; false when there is no such process any more. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  // 0 is the pid of a service that is not up. For kill(2), 0 means our own group, and -1 everybody.
  if (pid === 0 || pid === -1) throw new Error(`no process to send ${signal} to`);
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (isErrno(error, "ESRCH")) return false;
    throw error;
  }
}

/**
 * Living processes that carry the rig's mark in their environment, or whose working directory is below `root`.
 *
 * The mark finds services that have a session of their own; the directory finds those that cleared their environment.
 */
export function processesOfRig(id: string, root: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isOfRig(pid, id, root) && isAlive(pid));
}

interface Seen {
  /** The rig that it is of. */
  readonly mark: string | undefined;
  readonly cwd: string | undefined;
  readonly until: number;
}

/**
 * What was seen of processes that were not of the rig that was asked for. Each test looks for its own among those of all
 * tests, and that would be a tenth of all work.
 */
const others = new Map<number, Seen>();
/** Milliseconds after which the kernel may have given a pid to another process. */
const pidTime = 10_000;
/** Milliseconds in which a process of no rig does not come into the directory of one. */
const restTime = 2000;

function isOfRig(pid: number, id: string, root: string): boolean {
  const isOf = ({ mark, cwd }: Pick<Seen, "mark" | "cwd">): boolean =>
    mark === id || cwd === root || cwd?.startsWith(`${root}/`) === true;
  const now = performance.now();
  const known = others.get(pid);
  if (known !== undefined && known.until > now && !isOf(known)) return false;
  const [mark, cwd] = [markOf(pid), readLink(`/proc/${pid}/cwd`)];
  if (isOf({ mark, cwd })) return true;
  // Without a directory it has ended.
  others.set(pid, { mark, cwd, until: now + (mark === undefined && cwd !== undefined ? restTime : pidTime) });
  return false;
}

/** True for an error of the file system or of a system call with this code. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** The end of each test looks into all processes of the machine, so the environments all go through one buffer. */
const environment = Buffer.alloc(1024 * 1024);

/** The rig that a process is of, by its environment. */
function markOf(pid: number): string | undefined {
  try {
    const fd = openSync(`/proc/${pid}/environ`, "r");
    try {
      let length = 0;
      for (let read = -1; read !== 0; length += read)
        read = readSync(fd, environment, length, environment.length - length, null);
      const at = environment.subarray(0, length).indexOf(`${marker}=`);
      if (at === -1) return undefined;
      const end = environment.indexOf(0, at);
      return environment.toString("utf8", at + marker.length + 1, end === -1 || end > length ? length : end);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // It has gone, or belongs to somebody else.
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** A field of a process that must be there, counted from the state. */
function fieldOf(pid: number, index: number): number {
  const field = statFields(pid)?.[index];
  if (field === undefined) throw new Error(`there is no process ${pid}`);
  return Number(field);
}

/** The fields of /proc/PID/stat from the state on; undefined when there is no such process. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command name in parentheses may contain anything, blanks and parentheses included.
    return text.slice(text.lastIndexOf(") ") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** None when the process has ended. */
function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

import { readdirSync, readFileSync } from "node:fs";

/** Environment variable by which a trial finds again what was started in it, whatever session it is in. */
export const marker = "UPKEEP_BENCH_TRIAL";

/** Living processes whose environment carries the mark of this trial. */
export function markedProcesses(mark: string): readonly number[] {
  const entry = `${marker}=${mark}`;
  return pids().filter((pid) => isAlive(pid) && environmentOf(pid).includes(entry));
}

/**
 * Kills all that carry the mark, until there is none.
 *
 * Blocks: it also runs when this process is about to end.
 */
export function killMarked(mark: string): void {
  for (;;) {
    const found = markedProcesses(mark);
    if (found.length === 0) return;
    for (const pid of found) kill(pid, "SIGKILL");
  }
}

/** Sends a signal to a process that may be gone already. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** A process and all its living descendants, but nothing below those to be left out. */
export function processTree(root: number, leftOut: ReadonlySet<number>): readonly number[] {
  const children = Map.groupBy(
    pids().filter((pid) => isAlive(pid)),
    (pid) => Number(statFields(pid)[1]),
  );
  const below = (pid: number): readonly number[] =>
    leftOut.has(pid) ? [] : [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(root);
}

function pids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function isAlive(pid: number): boolean {
  const [state] = statFields(pid);
  return state !== undefined && state !== "Z" && state !== "X";
}

/** The fields of /proc/PID/stat from the state on: state, parent, process group ... None of a process that is gone. */
function statFields(pid: number): readonly string[] {
  const text = readIfThere(`/proc/${pid}/stat`);
  // The command's name in parentheses may contain anything.
  return text === "" ? [] : text.slice(text.lastIndexOf(") ") + 2).split(" ");
}

function environmentOf(pid: number): readonly string[] {
  return readIfThere(`/proc/${pid}/environ`).split("\0");
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // Gone meanwhile, or somebody else's.
  }
}

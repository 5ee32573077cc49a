// Not execa: its own work takes half as long as runit's sv.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** A program and its arguments. */
export type Command = readonly [file: string, ...args: string[]];

/** A command that ended with exit code 0. */
export interface TimedRun {
  /** On the clock of `performance.now()`. */
  readonly endedAt: number;
  readonly ms: number;
  readonly stdout: string;
}

/** Runs a command to its end; throws when that is not exit code 0. */
export async function runTimed(command: Command, env: NodeJS.ProcessEnv): Promise<TimedRun> {
  const [file, ...args] = command;
  const startedAt = performance.now();
  const child = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const { promise: ended, resolve, reject } = Promise.withResolvers<{ endedAt: number; how: number | string | null }>();
  child.on("error", reject);
  child.on("exit", (code, signal) => resolve({ endedAt: performance.now(), how: code ?? signal }));
  const [{ endedAt, how }, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (how !== 0) throw new Error(`${command.join(" ")} ended with ${how}: ${stdout}${stderr}`);
  return { endedAt, ms: endedAt - startedAt, stdout };
}

/** So many calls in a row, in a shell: starting a process from here takes longer than runit's commands. */
export function repeated(calls: number, command: Command): Command {
  const loop = `i=0; while [ $i -lt ${calls} ]; do "$@" || exit; i=$((i + 1)); done`;
  return ["/bin/sh", "-c", loop, "sh", ...command];
}

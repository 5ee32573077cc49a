// Not execa: what it does before and after costs half as long as runit's sv takes.
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** A program to start. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** A command that ended with exit code 0. Times are on the clock of `performance.now()`. */
export interface TimedRun {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly stdout: string;
}

/** Runs a command to its end; throws when that is not exit code 0. */
export async function runTimed({ file, args }: Command, environment: NodeJS.ProcessEnv): Promise<TimedRun> {
  const startedAt = performance.now();
  const child = spawn(file, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const { promise: ended, resolve, reject } = Promise.withResolvers<{ endedAt: number; how: number | string | null }>();
  child.on("error", reject);
  child.on("exit", (code, signal) => resolve({ endedAt: performance.now(), how: code ?? signal }));
  const [{ endedAt, how }, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (how !== 0) throw new Error(`${[file, ...args].join(" ")} ended with ${how}: ${stdout}${stderr}`);
  return { startedAt, endedAt, stdout };
}

import { rmSync } from "node:fs";

import { killMarked } from "./processes.ts";

const running = new Map<string, string | undefined>();

/** From now on what carries the mark is killed, and the directory removed if there is one, when this process ends. */
export function register(mark: string, directory?: string): void {
  running.set(mark, directory);
}

/** Kills all that carries the mark, and removes the directory that was registered with it. */
export function cleanUp(mark: string): void {
  const directory = running.get(mark);
  killMarked(mark);
  running.delete(mark);
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
}

/** Cleans up after whatever is running when this process ends, also by a signal. */
export function cleanUpAtExit(): void {
  process.on("exit", () => {
    for (const mark of running.keys()) cleanUp(mark);
  });
  for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const, ["SIGHUP", 129] as const]) {
    process.on(signal, () => process.exit(code));
  }
}

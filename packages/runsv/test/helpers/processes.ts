import type { SpawnRequest, SpawnResult } from "@upkeep/linux/exec/spawn";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { setSubreaper } from "@upkeep/linux/process/process-control";

import type { LastExit } from "../../src/core/slot.ts";
import { createProcesses, type Processes } from "../../src/engine/processes.ts";
import { recordDiagnostics } from "./diagnostics.ts";
import type { RealDirectory } from "./directories.ts";
import { fakeOutput } from "./output.ts";

/** The processes of a real service directory, of which a test decides how each spawn ends. */
export interface FakedProcesses {
  readonly processes: Processes;
  readonly said: string[];
  /** What was asked of spawn, oldest first. */
  readonly requests: SpawnRequest[];
  /** What was asked of the output. */
  readonly output: readonly string[];
  readonly notified: number[];
  readonly lost: string[];
}

/** Pid of a process that cannot exist: it is above the kernel's limit. */
export const nobody = 2 ** 22 + 1;

/** A spawn that fails. */
export function failsWith(number: number): () => SpawnResult {
  return () => ({ ok: false, errno: number });
}

/** The end of a `./run` that was killed. */
export const killedRun: LastExit = {
  exit: { kind: "killed", signal: 9, core: false },
  group: 77,
  at: { seconds: 1, nanoseconds: 0 },
  ranMillis: 5,
};

/** @param spawn by default each process starts, and is {@link nobody}. */
export function openProcesses(
  { directory }: RealDirectory,
  spawn: (request: SpawnRequest) => SpawnResult = () => ({ ok: true, pid: nobody }),
  log: { readonly directory: RealDirectory; readonly pipe: Pipe } | null = null,
  become: (on: boolean) => void = setSubreaper,
): FakedProcesses {
  const { say, said } = recordDiagnostics();
  const { output, calls } = fakeOutput();
  const requests: SpawnRequest[] = [];
  const notified: number[] = [];
  const lost: string[] = [];
  const processes = createProcesses({
    service: directory,
    log: log?.directory.directory ?? null,
    name: "app",
    environment: [Buffer.from("A=1")],
    logPipe: log?.pipe ?? null,
    output,
    say,
    spawn: (request) => {
      requests.push(request);
      return spawn(request);
    },
    freshStdio: (stdio, use) => use(stdio),
    setSubreaper: become,
    onNotified: (pid) => void notified.push(pid),
    onLost: (slot, pid) => void lost.push(`${slot} ${pid}`),
  });
  return { processes, said, requests, output: calls, notified, lost };
}

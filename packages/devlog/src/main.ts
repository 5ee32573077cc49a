import { writeSync } from "node:fs";

import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import type { ExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { type Program, surviveErrors } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { defaultUserSignal } from "@upkeep/program/process/signals";
import { later } from "@upkeep/program/loop/timer";
import { block, stayAlive } from "@upkeep/linux/time/timer";
import { openDatagramSocket } from "@upkeep/linux/fd/datagram-socket";
import { type Readiness, watchWritable } from "@upkeep/linux/fd/readable";
import { openSharedOutput } from "@upkeep/linux/fd/shared-output";
import { setProcessName } from "@upkeep/linux/process/process-control";
import { quietRuntime } from "@upkeep/linux/exec/runtime";

import { createLineOutput } from "./line-output.ts";
import { readOptions } from "./options.ts";
import { createReader } from "./reader.ts";

const exitCodes: ExitCodes = { usage: 100, fatal: 111 };

/** Milliseconds between two tries of an output that does not tell of room. */
const untoldPause = 50;

/** devlog(8): what programs send to syslog, on standard output. */
export const devlog: Program = { name: "devlog", exitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const options = readOptions(invocation);
  quietRuntime("devlog");
  setProcessName("devlog");
  const { warning } = createDiagnostics("devlog");
  // Everybody may log.
  const socket = openDatagramSocket(options.path, 0o666);
  const { write, roomFd } = openSharedOutput(1);
  const output = createLineOutput({ write, warn: warning, later, pause: block, isLossy: options.isLossy });
  const reader = createReader(socket, { ...output, watchRoom: (onRoom) => watchRoom(roomFd, onRoom) }, warning);
  surviveErrors(warning);
  defaultUserSignal();
  stayAlive();
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  reader.read();
  if (options.notificationFd !== null) notify(options.notificationFd, warning);
  keepMemorySmall().onWork();
  await stopped;
  // The socket stays where it is: a successor may have it by now.
  output.hurry();
  reader.drain();
  output.end();
  return 0;
}

/** @param fd tells of room; null: nothing does, and there is another try after a while. */
function watchRoom(fd: number | null, onRoom: () => void): Readiness {
  if (fd !== null) return watchWritable(fd, onRoom);
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => clearTimeout(timer);
  const wait = (): void => {
    cancel();
    timer = setTimeout(onRoom, untoldPause);
  };
  return { wait, cancel };
}

function notify(fd: number, warn: (message: string) => void): void {
  try {
    writeSync(fd, "\n");
  } catch {
    warn(`unable to write to descriptor ${fd}`);
  }
}

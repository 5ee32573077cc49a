import { writeSync } from "node:fs";

import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import type { ExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { type Program, surviveErrors } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { defaultUserSignal } from "@upkeep/program/process/signals";
import { writeBytes } from "@upkeep/program/messages/output";
import { later } from "@upkeep/program/loop/timer";
import { stayAlive } from "@upkeep/linux/time/timer";
import { openDatagramSocket } from "@upkeep/linux/fd/datagram-socket";
import { openSharedOutput } from "@upkeep/linux/fd/shared-output";
import { setProcessName } from "@upkeep/linux/process/process-control";
import { quietRuntime } from "@upkeep/linux/exec/runtime";

import { createLossyOutput, type LossyOutput } from "./lossy-output.ts";
import { readOptions } from "./options.ts";
import { createReader } from "./reader.ts";

const exitCodes: ExitCodes = { usage: 100, fatal: 111 };

/** devlog(8): what programs send to syslog, on standard output. */
export const devlog: Program = { name: "devlog", exitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const options = readOptions(invocation);
  quietRuntime();
  setProcessName("devlog");
  const { warning } = createDiagnostics("devlog");
  // Everybody may log.
  const socket = openDatagramSocket(options.path, 0o666);
  const output = options.isLossy ? openLossyOutput(warning) : patientOutput;
  const reader = createReader(socket, output.write, warning);
  surviveErrors(warning);
  defaultUserSignal();
  stayAlive();
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  reader.read();
  if (options.notificationFd !== null) notify(options.notificationFd, warning);
  const onStarted = keepMemorySmall();
  onStarted();
  await stopped;
  // The socket stays where it is: a successor may have it by now.
  reader.drain();
  output.end();
  return 0;
}

/** Waits for a slow reader, a second at most for each message. */
const patientOutput: LossyOutput = {
  write: (line) => void writeBytes(1, line),
  end: () => {},
};

function openLossyOutput(warn: (message: string) => void): LossyOutput {
  const { write } = openSharedOutput(1);
  return createLossyOutput({ write, warn, later });
}

function notify(fd: number, warn: (message: string) => void): void {
  try {
    writeSync(fd, "\n");
  } catch {
    warn(`unable to write to descriptor ${fd}`);
  }
}

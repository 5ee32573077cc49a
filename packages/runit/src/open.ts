import { closeSync, readlinkSync } from "node:fs";

import { surviveErrors } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { openTrace, traceDescriptor } from "@upkeep/program/trace/open-trace";
import { stayAlive } from "@upkeep/linux/time/timer";
import { version } from "@upkeep/program/core/version";
import { monotonicMillis } from "@upkeep/linux/time/clock";
import { environmentAtStart } from "@upkeep/linux/exec/environment";
import { commandMachine, killAllOthers, syncDisks } from "@upkeep/linux/process/process-one";
import { onPowerSignal } from "@upkeep/linux/signal/power-signal";
import { setProcessName, startSession } from "@upkeep/linux/process/process-control";
import { quietRuntime } from "@upkeep/linux/exec/runtime";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { isForkFailure, spawn } from "@upkeep/linux/exec/spawn";
import { reapChildren } from "@upkeep/linux/process/wait";

import { openConsoleInput, sayOnConsole, useConsole, type ConsoleInput } from "./system/console.ts";
import type { Script, StartOutcome } from "./core/event.ts";
import { hasCtrlAltDel, isRebootAsked, isSyncWanted, takeStopRequest } from "./system/flags.ts";
import { createInterpreter, type Interpreter } from "./engine/interpreter.ts";
import { pathOf } from "./core/state.ts";

/** The machine's own PID namespace has this number. Source: include/linux/proc_ns.h. */
const machineNamespace = "pid:[4026531836]";

/** Is process 1: runs the stages. Resolves to an exit code only in a container that the kernel does not end. */
export async function liveAsProcessOne(): Promise<number> {
  quietRuntime("runit", traceDescriptor());
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const warn = (message: string): void => sayOnConsole(`warning: ${message}`);
  surviveErrors(warn);
  startSession();
  useConsole(0, 1, 2);
  const input = openConsoleInput();
  const trace = await openTrace("runit", "", warn);

  const interpreter = createInterpreter(
    { identity: `upkeep ${version}`, isContained: isContained() },
    {
      now: monotonicMillis,
      onWork: keepMemorySmall().onWork,
      trace,
      say: sayOnConsole,
      start: createStart(input),
      signal: sendSignal,
      takeStopRequest,
      hasCtrlAltDel,
      killAll: killAllOthers,
      isRebootAsked,
      isSyncWanted,
      sync: syncDisks,
      command: commandMachine,
      end,
    },
  );
  handleSignals(interpreter, warn);
  stayAlive();
  try {
    setProcessName("runit");
  } catch (error) {
    warn((error as Error).message);
  }
  interpreter.begin(input.errno);
  return ended;
}

function handleSignals(interpreter: Interpreter, warn: (message: string) => void): void {
  process.on("SIGCHLD", () => interpreter.reaped(reapChildren()));
  for (const signal of ["SIGCONT", "SIGINT", "SIGALRM"] as const) {
    process.on(signal, () => interpreter.signalled(signal));
  }
  if (!onPowerSignal(() => interpreter.signalled("SIGPWR"))) warn("unable to receive signal PWR");
  // The kernel ignores these for a process 1 without a handler, but Node would act on them before.
  for (const signal of ["SIGHUP", "SIGTERM", "SIGUSR1"] as const) process.on(signal, () => {});
}

/** Each script gets our environment and the console. Only stage 1 can read from it. */
function createStart(input: ConsoleInput): (script: Script, newSession: boolean) => StartOutcome {
  const environment = environmentAtStart();
  let stdin = input.fd;
  return (script, newSession) => {
    const path = pathOf(script);
    const first = script === "1" ? stdin : null;
    const result = spawn({ path, argv: [path], environment, newSession, stdio: [first ?? 0, 1, 2] });
    if (result.ok) {
      if (first !== null) {
        closeSync(first);
        stdin = null;
      }
      return { kind: "started", script, pid: result.pid };
    }
    return { kind: "startFailed", script, errno: result.errno, isFork: isForkFailure(result.errno) };
  };
}

function isContained(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") !== machineNamespace;
  } catch {
    return false;
  }
}

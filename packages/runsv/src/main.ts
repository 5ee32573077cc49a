import { lineOutput } from "@upkeep/log-prefix/output/line-output";
import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import { runsvExitCodes } from "@upkeep/program/core/exit-code";
import type { Invocation } from "@upkeep/program/command-line/invocation";
import { readHanded, type Handed } from "@upkeep/program/process/renewal";
import { surviveErrors, type Program } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { defaultUserSignal, dieOfSignal } from "@upkeep/program/process/signals";
import { UsageError, usageText } from "@upkeep/program/core/usage";
import { openTrace, traceDescriptor } from "@upkeep/program/trace/open-trace";
import { eventsDescriptor, openEvents } from "@upkeep/supervise/parent/events";
import { isLastStart } from "@upkeep/supervise/parent/last-start";
import { spawn } from "@upkeep/linux/exec/spawn";
import { serviceDescriptor } from "@upkeep/supervise/parent/service-descriptor";
import { restoreOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { setProcessName } from "@upkeep/linux/process/process-control";
import { isInForeground, processInfo } from "@upkeep/linux/process/process-info";
import { lastNameOf } from "@upkeep/linux/fd/resolve-name";
import { quietRuntime } from "@upkeep/linux/exec/runtime";
import { reapChildren } from "@upkeep/linux/process/wait";

import { siblingsOf } from "./depend/dependencies.ts";
import { uncontained } from "./engine/contain.ts";
import { openOutputLocks } from "./engine/output-locks.ts";
import { reportTo } from "./engine/report.ts";
import { openSupervisor, type SupervisorPorts } from "./open.ts";
import { renewSignal } from "./renew-signal.ts";
import { createSelfRenewal } from "./renewal.ts";
import { findSurroundings } from "./surroundings.ts";

/** runsv(8): starts and monitors one service, and its log service. */
export const runsv: Program = { name: "runsv", exitCodes: runsvExitCodes, main };

async function main(invocation: Invocation): Promise<number> {
  const { args, calledAs } = invocation;
  const [directory] = args;
  if (directory === undefined || args.length !== 1) throw new UsageError(usageText(calledAs, "dir"));
  if (directory === "--help" || directory === "--version") {
    return (await import("./cli/help.ts")).answer(invocation);
  }
  quietRuntime("runsv", eventsDescriptor(), traceDescriptor(), serviceDescriptor());
  setProcessName("runsv");
  restoreOpenFilesLimit();
  return supervise(directory, readHanded());
}

async function supervise(directory: string, handed: Handed | null): Promise<number> {
  const say = createDiagnostics(`runsv ${directory}`);
  const { promise: exited, resolve: onExit } = Promise.withResolvers<number>();
  // TERM counts from the beginning: it also ends what a killed runsv has left running.
  let isToEnd = isLastStart();
  let leave = (): void => {
    isToEnd = true;
  };
  process.on("SIGTERM", () => leave());
  let reap = (): void => {};
  // This handler shows runsvdir that TERM does not kill us any more. Node has one for TERM from its start.
  process.on("SIGCHLD", () => reap());
  const trace = await openTrace("runsv", directory, say.warning);
  const name = lastNameOf(directory);
  const tell = openEvents();
  const ports: SupervisorPorts = {
    // The path means the same for good: this process never changes its directory.
    path: () => directory,
    name,
    siblings: siblingsOf(directory),
    surroundings: findSurroundings(
      lineOutput(1, () => openOutputLocks(1)),
      2,
    ),
    report: reportTo(name, directory, tell),
    spawn,
    // Only a program that was executed anew has children of which it does not know.
    adoptChild: (pid) => handed !== null && processInfo(pid)?.parent === process.pid,
    contain: uncontained,
    say,
    trace,
    isToEnd: () => isToEnd,
    onExit: () => onExit(0),
    onWork: keepMemorySmall().onWork,
  };
  const engine = await openSupervisor(directory, ports, { opened: serviceDescriptor(), handed: handed?.content });
  leave = () => engine.leave();
  defaultUserSignal();
  surviveErrors(say.warning);
  const renewal = createSelfRenewal({ name, directory, handed, engine, tell });
  reap = () => {
    const children = reapChildren((pid) => engine.beforeReaping(pid));
    engine.reaped(children.filter((child) => !renewal.reaped(child)));
  };
  // Ctrl-C reaches us, but not ./run in its own session. If we died of it, as runit does, ./run would be left behind.
  process.on("SIGINT", () => {
    if (isInForeground()) engine.leave();
    else dieOfSignal("SIGINT");
  });
  // runsvdir has seen that our directory was replaced. By default the signal is ignored, so one that came before now is
  // made up for.
  process.on("SIGCONT", () => engine.moveOver());
  engine.moveOver();
  process.on(renewSignal, renewal.begin);
  if (isToEnd) leave();
  else engine.tick();
  renewal.settle();
  // What has ended while the program was replaced.
  reap();
  return exited;
}

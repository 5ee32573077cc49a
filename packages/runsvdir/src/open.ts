import { createDiagnostics, type Diagnostics } from "@upkeep/program/messages/diagnostics";
import { surviveErrors } from "@upkeep/program/process/run-program";
import { defaultUserSignal, dieOfSignal } from "@upkeep/program/process/signals";
import { openTrace } from "@upkeep/program/trace/open-trace";
import { forceStopSignal } from "@upkeep/supervise/core/force-stop";
import { codeOfEvent, listenForEvents, openEvents } from "@upkeep/supervise/parent/events";
import { monotonicMillis } from "@upkeep/linux/time/clock";
import { isInForeground } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { reapChildren } from "@upkeep/linux/process/wait";

import type { Wishes } from "./core/arguments.ts";
import { forceStop, isCalledBack, readNeeds, writeForcedRescan } from "./scan/entry-files.ts";
import type { EndSignal } from "./core/event.ts";
import { createGuard } from "./scan/guard.ts";
import { createInterpreter, type Interpreter } from "./engine/interpreter.ts";
import { openTitleLog, type TitleLog } from "./host/readproctitle.ts";
import { createStartRunsv, type StartRunsv } from "./host/runsv-program.ts";
import { createScanner, type Scanner } from "./scan/scanner.ts";
import { createWatcher } from "./scan/watcher.ts";

const endSignals: readonly EndSignal[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/** Supervises a scan directory until a signal ends that; resolves to the exit code. Throws FatalError. */
export async function supervise({ directory, newSession, isOrderly, stopTimeout, log }: Wishes): Promise<number> {
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<number>();
  let title: TitleLog | null = null;
  const say = drainFirst(createDiagnostics(`runsvdir ${directory}`), () => title?.drain());
  const trace = await openTrace("runsvdir", directory, say.warning);
  let startRunsv: StartRunsv | null = null;
  const tellParent = openEvents();

  const watcher = createWatcher({ onHint: () => scanner.hint(), warn: say.warning });
  const scanner: Scanner = createScanner(directory, {
    guard: createGuard(),
    watcher,
    now: monotonicMillis,
    warn: say.warning,
    onListing: (listing) => interpreter.listed(listing),
  });
  const interpreter: Interpreter = createInterpreter(
    { isOrderly: isOrderly || process.pid === 1, stopTimeout },
    {
      now: monotonicMillis,
      trace,
      start: (identity, name, isLast) => {
        const found = scanner.current();
        if (found === null || startRunsv === null || found.identityOf(name) !== identity)
          return { kind: "entryChanged" };
        return startRunsv(found.fd, name, isLast);
      },
      signal: sendSignal,
      remind: (identity, name, pid) => {
        if (isCalledBack(scanner.current(), identity, name)) sendSignal(pid, "SIGTERM");
      },
      forceStop: (identity, name) => forceStop(scanner.current(), identity, name, say.warning),
      rescan: () => scanner.hint(),
      readNeeds: () => readNeeds(scanner.current()),
      tellCritical: (service, code) => {
        tellParent?.({ event: "critical", service, directory: service, code, signal: null, critical: true });
      },
      say,
      onEnd: (code) => {
        scanner.release();
        onEnd(code);
      },
      onDie: (signal) => {
        scanner.release();
        dieOfSignal(signal);
      },
    },
  );
  // Before anything that waits: process 1 never gets a signal for which it has no handler. And before TERM can be
  // handled: whoever is told to stop can be told that the time is over.
  if (isOrderly) process.on(forceStopSignal, () => interpreter.timeOver());
  handleSignals(interpreter, scanner, say);

  const begin = async (): Promise<number> => {
    await scanner.claim();
    // Not before, or a refusal would be said where nobody reads it.
    if (log !== null) title = openTitleLog(log.text, log.following, say);
    const events = listenForEvents((event) => {
      if (event.critical) interpreter.criticalEnded(event.service, codeOfEvent(event));
    });
    startRunsv = createStartRunsv({ newSession, stderr: title?.stderr ?? null, events });
    scanner.scan(true);
    return ended;
  };
  return Promise.race([ended, begin()]);
}

function handleSignals(interpreter: Interpreter, scanner: Scanner, say: Diagnostics): void {
  surviveErrors(say.warning);
  defaultUserSignal();
  process.on("SIGCHLD", () => interpreter.reaped(reapChildren()));
  process.on("SIGALRM", () => {
    scanner.scan(true);
    writeForcedRescan(scanner.current(), say.warning);
  });
  for (const signal of endSignals) process.on(signal, () => interpreter.signalled(signal, isInForeground()));
}

/** Messages for which there is room, while standard error is a pipe that only we empty. */
function drainFirst(say: Diagnostics, drain: () => void): Diagnostics {
  const after =
    (tell: (message: string) => void) =>
    (message: string): void => {
      drain();
      tell(message);
    };
  return { fatal: after(say.fatal), warning: after(say.warning) };
}

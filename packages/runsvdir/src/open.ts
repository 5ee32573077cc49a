import fs from "node:fs";

import { monotonicMillis } from "@upkeep/linux/time/clock";
import { catchesSignal, isInForeground } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { reapChildren } from "@upkeep/linux/process/wait";
import { later } from "@upkeep/program/loop/timer";
import { createDiagnostics, type Diagnostics } from "@upkeep/program/messages/diagnostics";
import { surviveErrors } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { defaultUserSignal, dieOfSignal } from "@upkeep/program/process/signals";
import { openTrace } from "@upkeep/program/trace/open-trace";
import type { Trace } from "@upkeep/program/trace/trace-file";
import { forceStopSignal } from "@upkeep/supervise/core/force-stop";
import { codeOfEvent, listenForEvents, openEvents } from "@upkeep/supervise/parent/events";

import type { Options } from "./core/arguments.ts";
import type { EndSignal } from "./core/event.ts";
import type { Listed } from "./core/scan.ts";
import { createInterpreter, type Interpreter, type Ports } from "./engine/interpreter.ts";
import { createAdoptedRunsv, type AdoptedRunsv } from "./host/adopted-runsv.ts";
import { hasLeftovers, holdOrphanedRunsv } from "./host/orphaned-runsv.ts";
import { createPatientTerm, type PatientTerm } from "./host/patient-term.ts";
import { openTitleLog, type TitleLog } from "./host/readproctitle.ts";
import { createStartRunsv, type StartRunsv } from "./host/runsv-program.ts";
import { createNeedsReader, isCalledBack, killService, writeForcedRescan } from "./scan/entry-files.ts";
import { createGuard } from "./scan/guard.ts";
import { createScanner, type Scanner } from "./scan/scanner.ts";
import { createWatcher } from "./scan/watcher.ts";

const endSignals: readonly EndSignal[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/** Supervises a scan directory until a signal ends that; resolves to the exit code. Throws FatalError. */
export async function supervise({ directory, newSession, isOrderly, stopTimeout, log }: Options): Promise<number> {
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<number>();
  let title: TitleLog | null = null;
  let startRunsv: StartRunsv | null = null;
  const say = drainFirst(createDiagnostics(`runsvdir ${directory}`), () => title?.drain());
  const trace = await openTrace("runsvdir", directory, say.warning);
  const onWork = keepMemorySmall();
  const scanner = openScanner(directory, say, onWork, (listing) => interpreter.listed(listing));
  const start: StartRunsv = (...entry) => startRunsv?.(...entry) ?? { kind: "entryChanged" };
  const adopted = createAdoptedRunsv({
    find: holdOrphanedRunsv,
    hasLeftovers,
    later,
    onEnd: (pid, isKilled) => interpreter.adoptedEnded(pid, isKilled),
  });
  const term = createPatientTerm({
    // It handles CHLD after TERM.
    isListening: (pid) => catchesSignal(pid, "SIGCHLD"),
    send: (pid) => sendSignal(pid, "SIGTERM"),
    later,
    now: monotonicMillis,
  });
  const interpreter: Interpreter = createInterpreter(
    { isOrderly: isOrderly || process.pid === 1, stopTimeout },
    createPorts({ scanner, say, trace, start, adopted, term, onEnd, onWork }),
  );
  // Before anything that waits: process 1 never gets a signal for which it has no handler. And before TERM can be
  // handled: a parent that has told us to stop can then also tell us that the time is over.
  if (isOrderly) process.on(forceStopSignal, () => interpreter.timeOver());
  handleSignals(interpreter, scanner, term, say);

  const begin = async (): Promise<number> => {
    await scanner.claim();
    // Not before: nobody would read a refusal there.
    if (log !== null) title = openTitleLog(log.text, log.following, say);
    const events = listenForEvents((event) => {
      if (event.critical) interpreter.criticalEnded(event.service, codeOfEvent(event));
    });
    startRunsv = createStartRunsv({ newSession, stderr: title?.stderr ?? null, events, onOwnStarted: term.started });
    scanner.scan(true);
    return ended;
  };
  return Promise.race([ended, begin()]);
}

function openScanner(
  directory: string,
  say: Diagnostics,
  onWork: () => void,
  onListing: (listing: readonly Listed[]) => void,
): Scanner {
  const watcher = createWatcher({
    load: () => import("chokidar"),
    later,
    onHint: () => scanner.hint(),
    warn: say.warning,
  });
  const guard = createGuard();
  // A scan that finds nothing new is work as well.
  const laterWithWork: typeof later = (action, millis) =>
    later(() => {
      action();
      onWork();
    }, millis);
  const ports = { guard, watcher, files: fs, now: monotonicMillis, later: laterWithWork, warn: say.warning, onListing };
  const scanner: Scanner = createScanner(directory, ports);
  return scanner;
}

interface Parts {
  readonly scanner: Scanner;
  readonly say: Diagnostics;
  readonly trace: Trace | null;
  readonly start: StartRunsv;
  readonly adopted: AdoptedRunsv;
  readonly term: PatientTerm;
  readonly onEnd: (code: number) => void;
  readonly onWork: () => void;
}

function createPorts({ scanner, say, trace, start, adopted, term, onEnd, onWork }: Parts): Ports {
  const reportEvent = openEvents();
  const readNeeds = createNeedsReader(say.warning);
  const send: Ports["signal"] = (pid, name) => {
    if (adopted.signal(pid, name)) return;
    if (name === "SIGTERM") term.send(pid);
    else sendSignal(pid, name);
  };
  return {
    now: monotonicMillis,
    onWork,
    trace,
    start: (identity, name, isLast) => {
      const found = scanner.current();
      if (found === null || found.identityOf(name) !== identity) return { kind: "entryChanged" };
      const pid = adopted.adopt(`${found.path}/${name}`);
      return pid === null ? start(found.fd, name, isLast) : { kind: "adopted", pid };
    },
    signal: send,
    remind: (identity, name, pid) => {
      if (isCalledBack(scanner.current(), identity, name)) send(pid, "SIGTERM");
    },
    killService: (identity, name) => killService(scanner.current(), identity, name, say.warning),
    rescan: scanner.hint,
    readNeeds: () => readNeeds(scanner.current()),
    reportCritical: (service, code) => {
      reportEvent?.({ event: "critical", service, directory: service, code, signal: null, critical: true });
    },
    say,
    onEnd: (code) => {
      scanner.release();
      term.whenSent(() => onEnd(code));
    },
    onDie: (signal) => {
      scanner.release();
      term.whenSent(() => dieOfSignal(signal));
    },
  };
}

function handleSignals(interpreter: Interpreter, scanner: Scanner, term: PatientTerm, say: Diagnostics): void {
  surviveErrors(say.warning);
  defaultUserSignal();
  process.on("SIGCHLD", () => {
    const children = reapChildren();
    for (const { pid } of children) term.ended(pid);
    interpreter.reaped(children);
  });
  process.on("SIGALRM", () => {
    scanner.scan(true);
    writeForcedRescan(scanner.current(), say.warning);
  });
  for (const signal of endSignals) process.on(signal, () => interpreter.signalled(signal, isInForeground()));
}

/** Makes room before each message while standard error is a pipe that only we read. */
function drainFirst(say: Diagnostics, drain: () => void): Diagnostics {
  const after =
    (tell: (message: string) => void) =>
    (message: string): void => {
      drain();
      tell(message);
    };
  return { fatal: after(say.fatal), warning: after(say.warning) };
}

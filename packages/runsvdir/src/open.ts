import fs from "node:fs";

import { monotonicMillis } from "@upkeep/linux/time/clock";
import { catchesSignal, isInForeground } from "@upkeep/linux/process/process-info";
import { watchNames } from "@upkeep/linux/fd/name-watch";
import { raiseOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { reapChildren } from "@upkeep/linux/process/wait";
import { later } from "@upkeep/program/loop/timer";
import { createDiagnostics, type Diagnostics } from "@upkeep/program/messages/diagnostics";
import { readHanded } from "@upkeep/program/process/renewal";
import { surviveErrors } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { defaultUserSignal, dieOfSignal } from "@upkeep/program/process/signals";
import { openTrace } from "@upkeep/program/trace/open-trace";
import type { Trace } from "@upkeep/program/trace/trace-file";
import { forceStopSignal } from "@upkeep/supervise/core/force-stop";
import {
  codeOfEvent,
  listenForEvents,
  openEvents,
  type EventsChannel,
  type SupervisionEvent,
} from "@upkeep/supervise/parent/events";

import type { Options } from "./core/arguments.ts";
import type { EndSignal, StartOutcome } from "./core/event.ts";
import { createInterpreter, type Interpreter, type Ports } from "./engine/interpreter.ts";
import { createAdoptedRunsv, type AdoptedRunsv } from "./host/adopted-runsv.ts";
import { hasLeftovers, holdOrphanedRunsv } from "./host/orphaned-runsv.ts";
import { createPatientTerm, type PatientTerm } from "./host/patient-term.ts";
import { openTitleLog, type TitleLog } from "./host/readproctitle.ts";
import { createInlineHost, type InlineHost } from "./host/inline.ts";
import { createRunsvProgram, type RunsvProgram, type StartRunsv } from "./host/runsv-program.ts";
import { createTreeRenewal, type TreeRenewal } from "./renewal/tree-renewal.ts";
import { createNeedsReader, isCalledBack, killService, writeForcedRescan } from "./scan/entry-files.ts";
import { createGuard } from "./scan/guard.ts";
import { createScanner, type Ports as ScannerPorts, type Scanner } from "./scan/scanner.ts";
import { createWatcher } from "./scan/watcher.ts";

const endSignals: readonly EndSignal[] = ["SIGTERM", "SIGHUP", "SIGINT"];

/** Supervises a scan directory until a signal ends that; resolves to the exit code. Throws FatalError. */
export async function supervise(options: Options): Promise<number> {
  const { directory, newSession, isOrderly, isInline, stopTimeout, log } = options;
  const limit = isInline ? raiseOpenFilesLimit() : 0;
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<number>();
  let title: TitleLog | null = null;
  let runsv: RunsvProgram | null = null;
  let inline: InlineHost | null = null;
  let events: EventsChannel | null = null;
  // Each message needs room while standard error is a pipe that only we read.
  const makeRoom = (): void => title?.drain();
  const sayAs = (prefix: string): Diagnostics => createDiagnostics(prefix, makeRoom);
  const say = sayAs(`runsvdir ${directory}`);
  const trace = await openTrace("runsvdir", directory, say.warning);
  const { onWork, onLook } = keepMemorySmall();
  const scanner = openScanner(directory, say, {
    guard: createGuard(
      (place) => renewal.door.open(place),
      () => renewal.door.close(),
    ),
    onListing: (listing) => {
      interpreter.listed(listing);
      renewal.listed();
    },
    onLook,
  });
  const start: Parts["start"] = (fd, name, isLast, handed) =>
    inline?.start(name, isLast, handed) ?? runsv?.start(fd, name, isLast) ?? { kind: "entryChanged" };
  const tell = openEvents();
  const renewal = createTreeRenewal({
    handed: readHanded(),
    interpreter: () => interpreter,
    inline: () => inline,
    title: () => title,
    events: () => events,
    reap: () => reap(),
    tell,
    say,
  });
  const adopted = createAdoptedRunsv({
    find: holdOrphanedRunsv,
    hasLeftovers,
    later,
    onEnd: (pid, isKilled) => interpreter.ended(pid, isKilled ? "killed" : "success"),
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
    createPorts({ scanner, say, trace, start, adopted, renewal, term, tell, onEnd, onWork, inline: () => inline }),
  );
  // Before anything that waits: process 1 never gets a signal for which it has no handler. And before TERM can be
  // handled: a parent that has told us to stop can then also tell us that the time is over.
  if (isOrderly) process.on(forceStopSignal, () => interpreter.timeOver());
  const reap = handleSignals({ interpreter, scanner, renewal, term, say, inline: () => inline });

  const begin = async (): Promise<number> => {
    await scanner.claim();
    // Not before: nobody would read a refusal there.
    if (log !== null) title = openTitleLog(log.text, log.following, say, renewal.pipes.title);
    events = listenForEvents((event) => {
      if (event.critical) interpreter.criticalEnded(event.service, codeOfEvent(event));
      renewal.told(event);
    }, renewal.pipes.events);
    const program = createRunsvProgram({
      newSession,
      stderr: title?.stderr ?? null,
      events,
      onOwnStarted: term.started,
    });
    runsv = program;
    if (isInline) {
      inline = createInlineHost({
        pathOf: (name) => {
          const found = scanner.current();
          return found === null ? null : `${found.path}/${name}`;
        },
        foreignRunsv: program.foreign,
        limit,
        stderr: title?.stderr ?? 2,
        onCritical: interpreter.criticalEnded,
        onEnd: interpreter.ended,
        onWork,
        reap: () => reap(),
        sayAs,
        say,
      });
    }
    scanner.scan(true);
    renewal.begin();
    return ended;
  };
  return Promise.race([ended, begin()]);
}

function openScanner(
  directory: string,
  say: Diagnostics,
  { guard, onListing, onLook }: Pick<ScannerPorts, "guard" | "onListing" | "onLook">,
): Scanner {
  const watcher = createWatcher({
    watchNames,
    later,
    onHint: () => scanner.hint(),
    warn: say.warning,
  });
  const ports = { guard, watcher, files: fs, now: monotonicMillis, later, warn: say.warning, onListing, onLook };
  const scanner: Scanner = createScanner(directory, ports);
  return scanner;
}

interface Parts {
  readonly scanner: Scanner;
  readonly say: Diagnostics;
  readonly trace: Trace | null;
  /** `handed`: what the engine of the service has told before we were executed anew. */
  readonly start: (...args: readonly [...Parameters<StartRunsv>, handed: unknown]) => StartOutcome;
  readonly adopted: AdoptedRunsv;
  readonly renewal: TreeRenewal;
  readonly tell: ((event: SupervisionEvent) => void) | null;
  readonly term: PatientTerm;
  /** Null before it is there, and where each service has a runsv. */
  readonly inline: () => InlineHost | null;
  readonly onEnd: (code: number) => void;
  readonly onWork: () => void;
}

function createPorts(parts: Parts): Ports {
  const { scanner, say, trace, start, adopted, renewal, term, tell, inline, onEnd, onWork } = parts;
  const readNeeds = createNeedsReader(say.warning);
  const send: Ports["signal"] = (pid, name) => {
    if (adopted.signal(pid, name) || inline()?.signal(pid, name) === true) return;
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
      const child = renewal.adopt(identity);
      if (child !== null) return { kind: "adopted", ...child };
      const pid = adopted.adopt(`${found.path}/${name}`);
      return pid === null ? start(found.fd, name, isLast, renewal.engineOf(identity)) : { kind: "adopted", pid };
    },
    signal: send,
    remind: (identity, name, pid) => {
      const isBack = inline()?.isCalledBack(pid) ?? isCalledBack(scanner.current(), identity, name);
      if (isBack) send(pid, "SIGTERM");
    },
    killService: (identity, name) => killService(scanner.current(), identity, name, say.warning),
    rescan: scanner.hint,
    readNeeds: () => readNeeds(scanner.current()),
    reportCritical: (service, code) => {
      tell?.({ event: "critical", service, directory: service, code, signal: null, critical: true });
    },
    say,
    onEnd: (code, awaitsEngines) => {
      const end = (): void => {
        scanner.release();
        term.whenSent(() => onEnd(code));
      };
      const engines = awaitsEngines ? inline() : null;
      if (engines === null) return end();
      engines.whenGone(end);
      // Somebody does not want to wait.
      for (const signal of endSignals) process.on(signal, end);
    },
    onDie: (signal) => {
      scanner.release();
      term.whenSent(() => dieOfSignal(signal));
    },
  };
}

type Signalled = Pick<Parts, "scanner" | "renewal" | "term" | "say" | "inline"> & {
  readonly interpreter: Interpreter;
};

/** Returns what is done when a child has ended. */
function handleSignals({ interpreter, scanner, renewal, term, say, inline }: Signalled): () => void {
  surviveErrors(say.warning);
  defaultUserSignal();
  const reap = (): void => {
    if (!renewal.mayReap()) return;
    const engines = inline();
    const reaped = engines === null ? reapChildren() : reapChildren(engines.beforeReaping);
    const children = reaped.filter((child) => engines?.reaped(child) !== true && !renewal.reaped(child));
    for (const { pid } of children) term.ended(pid);
    interpreter.reaped(children);
  };
  process.on("SIGCHLD", reap);
  process.on("SIGALRM", () => {
    scanner.scan(true);
    writeForcedRescan(scanner.current(), say.warning);
  });
  for (const signal of endSignals) process.on(signal, () => interpreter.signalled(signal, isInForeground()));
  return reap;
}

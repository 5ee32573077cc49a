import { Buffer } from "node:buffer";

import { oneLine } from "@upkeep/program/diagnostics";
import { commandsDirectory } from "@upkeep/program/invocation";
import { writeText } from "@upkeep/program/output";
import { surviveErrors } from "@upkeep/program/run-program";
import { stayAlive } from "@upkeep/program/timer";
import { type EventsChannel, listenForEvents } from "@upkeep/supervise/events";
import { monotonicMillis } from "@upkeep/syscalls/clock";
import { lastArguments } from "@upkeep/syscalls/command-line";
import type { EnvironmentEntry } from "@upkeep/syscalls/environment";
import { errno } from "@upkeep/syscalls/errno";
import { restoreOpenFilesLimit } from "@upkeep/syscalls/limits";
import { signalAllOthers } from "@upkeep/syscalls/machine";
import { onPowerSignal } from "@upkeep/syscalls/power-signal";
import { setProcessName, setSubreaper } from "@upkeep/syscalls/process-control";
import { sendSignal, type SignalName } from "@upkeep/syscalls/signal";
import { isForkFailure, spawn, type SpawnResult } from "@upkeep/syscalls/spawn";
import { reapChildren } from "@upkeep/syscalls/wait";

import { type Budget, readSeconds, servicesSeconds } from "./budget.ts";
import { type ContainerEnvironment, createContainerEnvironment } from "./container-environment.ts";
import { livingDescendants, nameOf } from "./descendants.ts";
import type { Answer, Subject } from "./event.ts";
import { createInterpreter, type Interpreter } from "./interpreter.ts";
import type { Wishes } from "./options.ts";
import { candidates, goesOn } from "./path-search.ts";
import { listScripts } from "./scripts.ts";
import type { ByteText } from "./variables.ts";

const scanDirectory = "/etc/service";
const defaultInitDirectory = "/etc/my_init.d";

/** The signals that end the container, or are handed on to the main command. The runtimes keep others for themselves. */
const handled: readonly SignalName[] = [
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGCONT",
  "SIGWINCH",
];

type Say = (level: "info" | "warning", text: string) => void;

/** Lives as the container's first process, or below another. Resolves to the exit code. */
export function live(wishes: Wishes): Promise<number> {
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const say = createSay(wishes.quiet);
  const warn = (message: string): void => say("warning", message);
  surviveErrors(warn);
  prepareProcess(say);

  const environment = createContainerEnvironment(warn);
  const budget = readBudget(environment, warn);
  const interpreter: Interpreter = createInterpreter(
    { ...wishes, budget, mainCommand: wishes.mainCommand.length === 0 ? null : wishes.mainCommand.join(" ") },
    {
      now: monotonicMillis,
      say,
      list: (set) => listScripts(set, initDirectory(environment), warn),
      start: createStart(
        wishes,
        budget,
        environment,
        openChannel(() => interpreter.criticalEnded(), warn),
      ),
      reloadEnvironment: environment.reload,
      signal: sendSignal,
      signalAll,
      alive: () => livingDescendants().map(nameOf),
      end,
    },
  );
  // None of them is lost meanwhile: they are handed out when all of this is done.
  handleSignals(interpreter, warn);
  stayAlive();
  // What our predecessor in this process left behind.
  interpreter.reaped(reapChildren());
  interpreter.begin();
  return ended;
}

function createSay(isQuiet: boolean): Say {
  return (level, text) => {
    if (level === "warning" || !isQuiet) writeText(2, `*** ${oneLine(text)}\n`);
  };
}

function handleSignals(interpreter: Interpreter, warn: (message: string) => void): void {
  process.on("SIGCHLD", () => interpreter.reaped(reapChildren()));
  for (const signal of handled) process.on(signal, () => interpreter.signalled(signal));
  if (!onPowerSignal(() => interpreter.signalled("SIGPWR"))) warn("unable to receive signal PWR");
}

function prepareProcess(say: Say): void {
  for (const prepare of [() => setProcessName("my_init"), restoreOpenFilesLimit]) {
    try {
      prepare();
    } catch (error) {
      say("warning", (error as Error).message);
    }
  }
  if (process.pid === 1) return;
  say("info", `Not process 1 but PID ${process.pid}: adopting orphans as a subreaper.`);
  try {
    setSubreaper(true);
  } catch (error) {
    say("warning", (error as Error).message);
  }
}

function readBudget(environment: ContainerEnvironment, warn: (message: string) => void): Budget {
  const read = (name: string): number | null => {
    const text = environment.valueOf(name);
    if (text === undefined) return null;
    const millis = readSeconds(text);
    if (millis === null) warn(`${name} is no whole number of seconds: ${text}`);
    return millis;
  };
  return { process: read("KILL_PROCESS_TIMEOUT"), all: read("KILL_ALL_PROCESSES_TIMEOUT") };
}

/** As phusion's: from the environment that we were started with, or else from the directory. */
function initDirectory(environment: ContainerEnvironment): string {
  const value = environment.valueOf("ENV_INIT_DIRECTORY");
  return value === undefined || value === "" ? defaultInitDirectory : Buffer.from(value, "latin1").toString("utf8");
}

/** Where runsvdir tells that a critical service ends everything; null where there can be no pipe. */
function openChannel(onCritical: () => void, warn: (message: string) => void): EventsChannel | null {
  try {
    return listenForEvents(({ event }) => {
      if (event === "critical") onCritical();
    });
  } catch (error) {
    warn((error as Error).message);
    return null;
  }
}

function createStart(
  wishes: Wishes,
  budget: Budget,
  environment: ContainerEnvironment,
  channel: EventsChannel | null,
): (subject: Subject) => Answer {
  const mainCommand = bytesOfMainCommand(wishes);
  const wordsOf = (subject: Subject): readonly Uint8Array[] => {
    switch (subject.kind) {
      case "script":
        return [subject.path].map(bytesOf);
      case "services":
        return ["runsvdir", "--orderly", "--stop-timeout", String(servicesSeconds(budget)), "-P", scanDirectory].map(
          bytesOf,
        );
      case "main":
        return mainCommand;
      default:
        return subject satisfies never;
    }
  };
  return (subject) => {
    const isServices = subject.kind === "services";
    const beside = isServices ? [`${commandsDirectory()}/runsvdir`] : [];
    const own = environment.entries();
    const entries = isServices && wishes.prefixLogs ? withPrefix(own) : own;
    const events = isServices ? channel : null;
    const options = { path: environment.valueOf("PATH"), beside, events, newSession: isServices };
    const result = spawnBySearch(wordsOf(subject), entries, options);
    if (result.ok) return { kind: "started", subject, pid: result.pid };
    return { kind: "startFailed", subject, errno: result.errno, isFork: isForkFailure(result.errno) };
  };
}

/** Adds what every runsv takes for the wish to tell services apart. */
function withPrefix(entries: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  const name = Buffer.from("UPKEEP_PREFIX_LOGS=");
  const others = entries.filter((entry) => !name.equals(entry.subarray(0, name.length)));
  return [...others, bytesOf("UPKEEP_PREFIX_LOGS=1")];
}

/** The main command as it was given: what the runtimes hand out has lost all that is not UTF-8. */
function bytesOfMainCommand({ mainCommand }: Wishes): readonly Uint8Array[] {
  try {
    return mainCommand.length === 0 ? [] : lastArguments(mainCommand.length);
  } catch {
    // Without /proc.
    return mainCommand.map(bytesOf);
  }
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

interface SearchOptions {
  readonly path: ByteText | undefined;
  /** Where else the command may be. */
  readonly beside: readonly string[];
  readonly events: EventsChannel | null;
  /**
   * Scripts and the main command keep our session, and with it the terminal that somebody may sit at. The services do
   * not: Ctrl-C is for us, who stop them when it is their turn.
   */
  readonly newSession: boolean;
}

/** Looks the command up in the PATH that it will have, which need not be ours. */
function spawnBySearch(
  argv: readonly Uint8Array[],
  environment: readonly EnvironmentEntry[],
  { path, beside, events, newSession }: SearchOptions,
): SpawnResult {
  const command = Buffer.from(argv[0] ?? []).toString("latin1");
  let failed: number = errno.ENOENT;
  for (const candidate of [
    ...candidates(command, path).map((text) => Buffer.from(text, "latin1")),
    ...beside.map(bytesOf),
  ]) {
    const result = spawn({
      path: candidate,
      argv,
      environment: events === null ? environment : events.environmentOf(environment),
      newSession,
      ...(events === null ? {} : { descriptors: events.descriptors }),
    });
    if (result.ok || !goesOn(result.errno)) return result;
    // A file that may not be executed says more than one that is not there.
    if (failed === errno.ENOENT) failed = result.errno;
  }
  return { ok: false, errno: failed };
}

function signalAll(signal: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
  if (process.pid === 1) {
    signalAllOthers(signal);
    return;
  }
  for (const pid of livingDescendants()) sendSignal(pid, signal);
}

import { Buffer } from "node:buffer";

import { harmless } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { readHanded } from "@upkeep/program/process/renewal";
import { surviveErrors } from "@upkeep/program/process/run-program";
import { keepMemorySmall } from "@upkeep/program/process/small-memory";
import { stayAlive } from "@upkeep/linux/time/timer";
import { openTrace } from "@upkeep/program/trace/open-trace";
import { type EventsChannel, listenForEvents, type SupervisionEvent } from "@upkeep/supervise/parent/events";
import { monotonicMillis } from "@upkeep/linux/time/clock";
import { restoreOpenFilesLimit } from "@upkeep/linux/exec/limits";
import { signalAllOthers } from "@upkeep/linux/process/process-one";
import { onPowerSignal } from "@upkeep/linux/signal/power-signal";
import { setProcessName, setSubreaper } from "@upkeep/linux/process/process-control";
import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { reapChildren, type Reaped } from "@upkeep/linux/process/wait";

import { type Budget, readSeconds } from "./core/budget.ts";
import { type ContainerEnvironment, createContainerEnvironment } from "./environment/container-environment.ts";
import { livingDescendants, nameOf } from "./processes/descendants.ts";
import { resumedState } from "./core/handed.ts";
import type { Facts } from "./core/state.ts";
import { createInterpreter, type Interpreter } from "./engine/interpreter.ts";
import type { Options } from "./cli/options.ts";
import { listScripts } from "./processes/scripts.ts";
import { createStart } from "./processes/start.ts";
import { createOwnRenewal, takeHanded } from "./renewal.ts";

const defaultInitDirectory = "/etc/my_init.d";

/** The signals that my_init passes to the main command. The runtimes keep others for themselves. */
const passedOn: readonly SignalName[] = ["SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCONT", "SIGWINCH"];

type Say = (level: "info" | "warning", text: string) => void;

/** Runs the container, as its process 1 or below another. Resolves to the exit code. */
export async function live(options: Options): Promise<number> {
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const say = createSay(options.quiet);
  const warn = (message: string): void => say("warning", message);
  surviveErrors(warn);
  const found = readHanded();
  const handed = takeHanded(found);
  prepareProcess(say, handed !== null);
  const trace = await openTrace("my_init", options.mainCommand.join(" "), warn);

  const environment = createContainerEnvironment(warn, handed?.environment);
  const budget = readBudget(environment, warn);
  const onEvent = ({ event, directory }: SupervisionEvent): void => {
    if (event === "critical") interpreter.criticalEnded();
    if (event === "renew") renewal.begin(directory);
  };
  const mainCommand = options.mainCommand.length === 0 ? null : options.mainCommand.join(" ");
  const facts: Facts = { ...options, budget, mainCommand };
  const channel = openChannel(onEvent, warn, handed?.channel ?? null);
  const interpreter: Interpreter = createInterpreter(
    facts,
    {
      now: monotonicMillis,
      onWork: keepMemorySmall().onWork,
      trace,
      say,
      list: (set) => listScripts(set, initDirectory(environment), warn),
      start: createStart(options, budget, environment, channel),
      reloadEnvironment: environment.reload,
      signal: sendSignal,
      signalAll,
      alive: () => livingDescendants().map(nameOf),
      end,
    },
    handed === null ? null : resumedState(facts, handed.life, monotonicMillis()),
  );
  const renewal = createOwnRenewal(found, {
    state: interpreter.state,
    describe: () => ({ environment: environment.handOver(), channel: channel?.pipe ?? null }),
    warn,
  });
  const reap = (): readonly Reaped[] => reapChildren().filter((child) => !renewal.reaped(child));
  // The runtime hands signals out when all of this is done, so none is lost.
  handleSignals(interpreter, warn);
  process.on("SIGCHLD", () => {
    const dead = reap();
    channel?.readNow();
    interpreter.reaped(dead);
  });
  stayAlive();
  // Children of the program that was this process before us.
  interpreter.reaped(reap());
  interpreter.begin();
  renewal.settle();
  return ended;
}

function createSay(isQuiet: boolean): Say {
  return (level, text) => {
    if (level === "warning" || !isQuiet) writeText(2, `*** ${harmless(text)}\n`);
  };
}

function handleSignals(interpreter: Interpreter, warn: (message: string) => void): void {
  for (const signal of ["SIGTERM", "SIGINT", ...passedOn] as const)
    process.on(signal, () => interpreter.signalled(signal));
  if (!onPowerSignal(() => interpreter.signalled("SIGPWR"))) warn("unable to receive signal PWR");
}

function prepareProcess(say: Say, isKnown: boolean): void {
  const adoptOrphans = (): void => {
    if (process.pid === 1) return;
    if (!isKnown) say("info", `Not process 1 but PID ${process.pid}: adopting orphans as a subreaper.`);
    setSubreaper(true);
  };
  for (const prepare of [() => setProcessName("my_init"), restoreOpenFilesLimit, adoptOrphans]) {
    try {
      prepare();
    } catch (error) {
      say("warning", (error as Error).message);
    }
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

/** As in phusion's my_init, a variable can name the directory of the startup files. */
function initDirectory(environment: ContainerEnvironment): string {
  const value = environment.valueOf("ENV_INIT_DIRECTORY");
  return value === undefined || value === "" ? defaultInitDirectory : Buffer.from(value, "latin1").toString("utf8");
}

/**
 * Where runsvdir reports that everything ends because of a critical service, or that it was renewed; null where no pipe can
 * be made. @param pipe the one that runsvdir has already.
 */
function openChannel(
  onEvent: (event: SupervisionEvent) => void,
  warn: (message: string) => void,
  pipe: Pipe | null,
): EventsChannel | null {
  try {
    return listenForEvents(onEvent, pipe);
  } catch (error) {
    warn((error as Error).message);
    return null;
  }
}

function signalAll(signal: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
  if (process.pid === 1) {
    signalAllOthers(signal);
    return;
  }
  for (const pid of livingDescendants()) sendSignal(pid, signal);
}

import { isStandalone, ownFile } from "@upkeep/program/command-line/invocation";
import { FatalError } from "@upkeep/program/process/run-program";
import { bytesOf, type ByteText } from "@upkeep/linux/core/byte-text";
import { errno, reasonOf } from "@upkeep/linux/core/errno";
import type { SignalName } from "@upkeep/linux/core/signals";
import { lastArguments } from "@upkeep/linux/exec/arguments";
import { inheritedEnvironment } from "@upkeep/linux/exec/environment";
import { quietRuntime } from "@upkeep/linux/exec/runtime";
import { spawn } from "@upkeep/linux/exec/spawn";
import { endWithParent, inNewPidNamespace, mountOwnProc, seesOwnProcesses } from "@upkeep/linux/process/pid-namespace";
import { catchesSignal, childPids } from "@upkeep/linux/process/process-info";
import { decodeExit, type Exit, reapChildren } from "@upkeep/linux/process/wait";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { stayAlive } from "@upkeep/linux/time/timer";

/** The signals that are passed on. QUIT is not: it ends everything at once. */
const relayed = ["SIGHUP", "SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGWINCH", "SIGCONT"] as const;
/** How often to look, in ms, whether process 1 has its handlers. */
const untilHandlers = 5;

/**
 * Runs a command line of chpst in a PID namespace of its own, as runit 2.3.1 does for -F, until nothing is left in it.
 *
 * This process stays outside. It starts the same command line once more, as process 1 of the namespace, which is how that
 * one knows what it is: it runs the command as process 2, adopts what goes into the background, and ends when it has no
 * child any more. Where chpst is process 1 already, as in a container, it makes no other namespace.
 *
 * @param command the command line for process 2, without -F.
 * @param count how many arguments this process was given.
 * @returns the exit code of the command: 128 and the number of the signal that ended it.
 */
export async function runNamespaced(command: readonly ByteText[], count: number): Promise<number> {
  quietRuntime("chpst");
  return await (process.pid === 1 ? beProcessOne(command) : stayOutside(lastArguments(count)));
}

async function stayOutside(args: readonly Uint8Array[]): Promise<number> {
  const held: SignalName[] = [];
  let inside = 0;
  let hasHandlers = false;
  const relay = (signal: SignalName): void => {
    // A signal that finds no handler is lost to a process 1, and so is one that finds that of Node, which is there from its
    // start: it only has the default action follow, and process 1 has none.
    if (hasHandlers) sendSignal(inside, signal);
    else held.push(signal);
  };
  for (const signal of relayed) process.on(signal, () => relay(signal));
  process.on("SIGQUIT", () => sendSignal(inside, "SIGKILL"));
  const ended = endOf(() => inside);
  inside = inNewPidNamespace(() => start(args));
  const timer = setInterval(() => {
    hasHandlers = relayed.every((signal) => catchesSignal(inside, signal));
    if (!hasHandlers) return;
    clearInterval(timer);
    for (const signal of held.splice(0)) sendSignal(inside, signal);
  }, untilHandlers);
  return codeOf(await ended);
}

async function beProcessOne(command: readonly ByteText[]): Promise<number> {
  endWithParent();
  const everybody = -1;
  for (const signal of relayed) process.on(signal, () => sendSignal(everybody, signal));
  process.on("SIGQUIT", () => sendSignal(everybody, "SIGKILL"));
  if (!seesOwnProcesses()) mountOwnProc();
  let child = 0;
  const ended = endOf(() => child);
  child = start(command.map(bytesOf));
  return codeOf(await ended);
}

/** Resolves to how this child ended when no child is left, orphans included. */
async function endOf(child: () => number): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  let status: number | null = null;
  stayAlive();
  process.on("SIGCHLD", () => {
    for (const reaped of reapChildren()) if (reaped.pid === child()) status = reaped.status;
    if (status !== null && childPids().length === 0) resolve(decodeExit(status));
  });
  return await promise;
}

function codeOf(exit: Exit): number {
  return exit.kind === "exited" ? exit.code : 128 + exit.signal;
}

/** Starts chpst once more. Throws {@link FatalError}. */
function start(args: readonly Uint8Array[]): number {
  const [path, words] = isStandalone ? ["/proc/self/exe", ["chpst"]] : [process.execPath, ["node", ownFile()]];
  const started = spawn({ path, argv: [...words, ...args], environment: inheritedEnvironment(), newSession: false });
  if (started.ok) return started.pid;
  // So says the kernel when the namespaces are nested too deep, or none may be made.
  const reason = started.errno === errno.ENOSPC ? "no PID namespace is left" : reasonOf(started.errno);
  throw new FatalError(`unable to fork: ${reason}`, null);
}

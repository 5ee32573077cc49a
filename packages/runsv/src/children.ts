import { statSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/diagnostics";
import type { EnvironmentEntry } from "@upkeep/syscalls/environment";
import { errnoOf, reasonOf } from "@upkeep/syscalls/errno";
import type { Pipe } from "@upkeep/syscalls/pipe";
import { childPids, processInfo } from "@upkeep/syscalls/process-info";
import { setSubreaper } from "@upkeep/syscalls/process-control";
import { sendSignal, type SignalName } from "@upkeep/syscalls/signal";
import { isForkFailure, spawn, type SpawnRequest } from "@upkeep/syscalls/spawn";

import { explainExecFailure, hasFinish, readSettings, type ServiceDirectory } from "./service-directory.ts";
import type { LastExit, Process, ScriptLetter, SlotName } from "./slot.ts";
import { finishArguments } from "./status.ts";
import type { Answer } from "./event.ts";
import type { ServiceOutput } from "./service-output.ts";

/** What a supervised process is started from. */
export interface Surroundings {
  readonly service: ServiceDirectory;
  readonly log: ServiceDirectory | null;
  /** The service's name, which `./finish` is told. */
  readonly name: string;
  readonly environment: readonly EnvironmentEntry[];
  readonly say: Diagnostics;
}

/** Starts and signals the processes of a service directory, and knows which of them live. */
export interface Children {
  startRun(slot: SlotName): Answer;
  startFinish(last: LastExit): Answer;
  /** Whether there is a control script to run. */
  hasScript(letter: ScriptLetter): boolean;
  /** Starts a control script; null, after a word about why, when that cannot be done. */
  startScript(letter: ScriptLetter): number | null;
  /** Sends a signal, unless the process has been reaped: its pid may be another's by now. */
  signal(pid: number, signal: SignalName): void;
  killFinish(process: Process): void;
  /** Whether anything lives in the process group or, if asked for, among the orphans adopted by us. */
  hasLeftovers(group: number, orphans: boolean): boolean;
  signalLeftovers(group: number, orphans: boolean, signal: SignalName): void;
  /** A child has been reaped; false when it was none that we started. */
  forget(pid: number): boolean;
}

export function createChildren(around: Surroundings, logPipe: Pipe | null, output: ServiceOutput): Children {
  const living = new Set<number>();
  const { say } = around;

  const start = (request: Omit<SpawnRequest, "environment">): ReturnType<typeof spawn> => {
    const result = spawn({ ...request, environment: around.environment });
    if (result.ok) living.add(result.pid);
    return result;
  };

  /** The last explanation for each script, which is not repeated with every try. */
  const explained = new Map<string, string>();
  /** Says why a start failed; true when it is to be tried again. */
  const failure = (directory: ServiceDirectory, entry: string, name: string, number: number): boolean => {
    if (isForkFailure(number)) {
      say.warning(`unable to fork, sleeping: ${reasonOf(number)}`);
      return true;
    }
    say.fatal(`unable to start ${name}: ${reasonOf(number)}`);
    const why = explainExecFailure(directory, entry, number);
    if (why === null) explained.delete(name);
    else if (explained.get(name) !== why) {
      say.warning(`${name}: ${why}`);
      explained.set(name, why);
    }
    return false;
  };

  const orphansOf = (): readonly number[] => childPids().filter((pid) => !living.has(pid));
  let isSubreaper = false;
  // The group of ./finish and control scripts follows that of ./run, whose settings are read at each start.
  let hasSession = true;

  return {
    startRun: (slot) => {
      const directory = slot === "log" ? (around.log ?? around.service) : around.service;
      const found = readSettings(directory, slot === "log" ? "log/" : "", say.warning);
      // Adopted processes do not tell whose they were; they are taken for the service's.
      const settings = slot === "log" ? { ...found, endsOrphans: false } : found;
      if (slot === "service") {
        hasSession = settings.hasSession;
        if (settings.endsOrphans !== isSubreaper) {
          setSubreaper(settings.endsOrphans);
          isSubreaper = settings.endsOrphans;
        }
      }
      const stdio = slot === "log" ? ([logPipe?.read ?? 0, 1, 2] as const) : output.prepare();
      const request = { path: "./run", argv: ["./run"], directory: directory.fd, newSession: settings.hasSession };
      const result = start({ ...request, stdio });
      if (result.ok) return { kind: "runStarted", process: describe(result.pid), settings };
      const name = slot === "log" ? "log/./run" : "./run";
      return { kind: "runFailed", retry: failure(directory, "run", name, result.errno) };
    },
    startFinish: (last) => {
      const { service, name } = around;
      if (!hasFinish(service)) return { kind: "finishSkipped", retry: false };
      const argv = ["./finish", ...finishArguments(last, name)];
      const request = { path: "./finish", argv, directory: service.fd, newSession: hasSession, stdio: output.stdio() };
      const result = start(request);
      if (result.ok) return { kind: "finishStarted", process: describe(result.pid) };
      return { kind: "finishSkipped", retry: failure(service, "finish", "./finish", result.errno) };
    },
    hasScript: (letter) => isExecutable(around.service, `control/${letter}`, say),
    startScript: (letter) => {
      const path = `control/${letter}`;
      const request = {
        path,
        argv: [path],
        directory: around.service.fd,
        newSession: hasSession,
        stdio: output.stdio(),
      };
      const result = start(request);
      if (result.ok) return result.pid;
      if (isForkFailure(result.errno)) say.warning(`unable to fork for ${path}: ${reasonOf(result.errno)}`);
      else say.fatal(`unable to run control/?: ${reasonOf(result.errno)}`);
      return null;
    },
    signal: (pid, signal) => {
      if (living.has(pid)) sendSignal(pid, signal);
    },
    killFinish: ({ pid, group }) => {
      if (living.has(pid)) sendSignal(group === pid ? -pid : pid, "SIGKILL");
    },
    hasLeftovers: (group, orphans) => sendSignal(-group, 0) === 0 || (orphans && orphansOf().length > 0),
    signalLeftovers: (group, orphans, signal) => {
      sendSignal(-group, signal);
      if (orphans) for (const pid of orphansOf()) sendSignal(pid, signal);
    },
    forget: (pid) => {
      output.processEnded();
      return living.delete(pid);
    },
  };
}

function describe(pid: number): Process {
  const info = processInfo(pid);
  return { pid, group: info?.group ?? pid, startTicks: info?.startTicks ?? 0 };
}

function isExecutable(directory: ServiceDirectory, entry: string, say: Diagnostics): boolean {
  try {
    const found = statSync(directory.path(entry), { throwIfNoEntry: false });
    return found !== undefined && (found.mode & 0o100) !== 0;
  } catch (error) {
    say.warning(`unable to stat ${entry}: ${reasonOf(errnoOf(error))}`);
    return false;
  }
}

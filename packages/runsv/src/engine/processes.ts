import { constants, openSync } from "node:fs";

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import {
  explainExecFailure,
  hasFinish,
  ownerMayExecute,
  type ServiceDirectory,
} from "@upkeep/service-directory/files/directory";
import { readSettings } from "@upkeep/service-directory/files/settings";
import type { EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { errno, errnoOf, reasonOf } from "@upkeep/linux/core/errno";
import { isThere } from "@upkeep/linux/fd/files";
import type { HeldProcess } from "@upkeep/linux/process/held-process";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import { childPids, isSessionSince, livingMember, processInfo } from "@upkeep/linux/process/process-info";
import { setSubreaper } from "@upkeep/linux/process/process-control";
import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { isForkFailure, isLastingFailure, spawn, type SpawnRequest } from "@upkeep/linux/exec/spawn";

import type { FormerSlot } from "../adopt/find.ts";
import { createNotifier } from "./notification.ts";
import type { Process } from "../core/moment.ts";
import type { LastExit, ScriptLetter, SlotName } from "../core/slot.ts";
import { finishArguments } from "../core/status.ts";
import type { Answer } from "../core/event.ts";
import type { ServiceOutput } from "./output.ts";

/** What a supervised process is started from. */
export interface Surroundings {
  readonly service: ServiceDirectory;
  readonly log: ServiceDirectory | null;
  /** The service's name, which `./finish` is told. */
  readonly name: string;
  readonly environment: readonly EnvironmentEntry[];
  readonly say: Diagnostics;
  /** Called when a process has told on its notification descriptor that it is ready. */
  readonly onNotified: (pid: number) => void;
  /** Called when an adopted process has ended. */
  readonly onLost: (slot: SlotName, pid: number) => void;
}

/** Starts and signals the processes of a service directory, and knows which of them live. */
export interface Children {
  /** Goes on with what a former supervisor has left of a slot. */
  adopt(slot: SlotName, found: FormerSlot): void;
  startRun(slot: SlotName): Answer;
  /** Whether there is a `./finish` to run. */
  hasFinish(): boolean;
  startFinish(last: LastExit): Answer;
  /** Whether there is a control script to run. */
  hasScript(letter: ScriptLetter): boolean;
  /** Starts a control script; null, after a word about why, when that cannot be done. */
  startScript(letter: ScriptLetter): number | null;
  /** Sends a signal, unless the process has been reaped: its pid may be another's by now. */
  signal(pid: number, signal: SignalName | number): void;
  startCheck(): Answer;
  /** Kills `./finish` or `./check`, and its group where it leads one. */
  killGroup(process: Process): void;
  /** Whether anything lives in the process group or, if asked for, among the orphans adopted by us. */
  hasLeftovers(group: number, orphans: boolean): boolean;
  signalLeftovers(group: number, orphans: boolean, signal: SignalName): void;
  /** A child has been reaped; false when it was none that we started. */
  forget(pid: number): boolean;
}

export function createChildren(around: Surroundings, logPipe: Pipe | null, output: ServiceOutput): Children {
  const living = new Set<number>();
  const adopted = new Map<number, HeldProcess>();
  /** A group whose leader was adopted, and of which nobody is known to be left: its number may be another's by now. */
  const lostGroups: Record<SlotName, number | null> = { service: null, log: null };
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

  /** The last complaints about settings, which are not repeated with every start either. */
  const complaints = { service: new Set<string>(), log: new Set<string>() };
  const readQuietly = (directory: ServiceDirectory, slot: SlotName): ReturnType<typeof readSettings> => {
    const before = complaints[slot];
    complaints[slot] = new Set();
    return readSettings(directory, slot, (message) => {
      if (!before.has(message)) say.warning(message);
      complaints[slot].add(message);
    });
  };

  const isLost = (group: number): boolean => lostGroups.service === group || lostGroups.log === group;
  const notifier = createNotifier(say.warning, around.onNotified);
  /** Somebody of the group that was looked at last; one who lives spares a look at all processes. */
  let member = 0;
  /** What has ended holds nothing up, though its number stays taken until it is reaped. */
  const isInhabited = (group: number): boolean => {
    if (isLost(group) || sendSignal(-group, 0) !== 0) return false;
    const found = livingMember(group, member);
    member = found ?? 0;
    return found !== null;
  };
  const orphansOf = (): readonly number[] => childPids().filter((pid) => !living.has(pid));
  let nowhere: number | null = null;
  const devNull = (): number | null => (nowhere ??= openDevNull());
  /** The last `./check`, whose end is not that of anybody's last line. */
  let silent: number | null = null;
  let isSubreaper = false;
  // The group of ./finish and control scripts follows that of ./run, whose settings are read at each start.
  let hasSession = true;

  return {
    adopt: (slot, { claim, held, isAlive }) => {
      if (slot === "service") {
        hasSession = readQuietly(around.service, slot).hasSession;
        output.resume();
      }
      if (claim === null || claim.kind === "ended") return;
      if (claim.kind === "leftovers") {
        if (!isAlive) lostGroups[slot] = claim.group;
        return;
      }
      const { group, pid } = claim.process;
      if (held === null) {
        // It has ended unseen. Nobody may be told before all are ready to hear it.
        lostGroups[slot] = group;
        setImmediate(() => around.onLost(slot, pid));
        return;
      }
      adopted.set(held.pid, held);
      held.watch((aliveAt) => {
        adopted.delete(held.pid);
        if (!isSessionSince(group, aliveAt)) lostGroups[slot] = group;
        if (slot === "service") output.processEnded();
        around.onLost(slot, held.pid);
      });
    },
    startRun: (slot) => {
      lostGroups[slot] = null;
      const directory = slot === "log" ? (around.log ?? around.service) : around.service;
      const settings = readQuietly(directory, slot);
      if (slot === "service") {
        hasSession = settings.hasSession;
        if (settings.endsOrphans !== isSubreaper) {
          setSubreaper(settings.endsOrphans);
          isSubreaper = settings.endsOrphans;
        }
      }
      const stdio = slot === "log" ? ([logPipe?.read ?? 0, 1, 2] as const) : output.prepare();
      const request = { path: "./run", argv: ["./run"], directory: directory.fd, newSession: settings.hasSession };
      const prepared = notifier.prepare(slot === "log" ? null : settings.readiness);
      const result = start({ ...request, stdio, descriptors: prepared.descriptors });
      prepared.settle(result.ok ? result.pid : null);
      if (result.ok) return { kind: "runStarted", process: describe(result.pid, settings.hasSession), settings };
      const name = slot === "log" ? "log/./run" : "./run";
      return { kind: "runFailed", retry: failure(directory, "run", name, result.errno), settings };
    },
    hasFinish: () => hasFinish(around.service),
    startFinish: (last) => {
      const { service, name } = around;
      const argv = ["./finish", ...finishArguments(last, name)];
      const request = { path: "./finish", argv, directory: service.fd, newSession: hasSession, stdio: output.stdio() };
      const result = start(request);
      if (result.ok) return { kind: "finishStarted", process: describe(result.pid, hasSession) };
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
      else adopted.get(pid)?.signal(signal);
    },
    startCheck: () => {
      const { service } = around;
      // It is run again and again: nobody wants to read as often what it says.
      const stdio = [devNull(), devNull(), devNull()] as const;
      const request = { path: "./check", argv: ["./check"], directory: service.fd, newSession: true, stdio };
      const isMissing = (number: number): boolean => number === errno.ENOENT && !isThere(service.path("check"));
      let result = start(request);
      // If it has been put there only now, ENOENT does not speak of its interpreter.
      if (!result.ok && result.errno === errno.ENOENT && !isMissing(result.errno)) result = start(request);
      if (result.ok) {
        explained.delete("./check");
        silent = result.pid;
        return { kind: "checkStarted", process: describe(result.pid, true) };
      }
      // Just being replaced, most likely; if it does not come back, the service is not ready in time, which is said.
      if (isMissing(result.errno)) return { kind: "checkFailed", retry: true };
      const retry = !isLastingFailure(result.errno, true);
      const why = explainExecFailure(service, "check", result.errno) ?? reasonOf(result.errno);
      const message = `unable to run ./check${retry ? "" : ", ignored"}: ${why}`;
      if (explained.get("./check") !== message) say.warning(message);
      explained.set("./check", message);
      return { kind: "checkFailed", retry };
    },
    killGroup: ({ pid, group }) => {
      const held = adopted.get(pid);
      if (living.has(pid) || (held !== undefined && group === pid && !held.hasEnded())) {
        sendSignal(group === pid ? -pid : pid, "SIGKILL");
      } else held?.signal("SIGKILL");
    },
    hasLeftovers: (group, orphans) => isInhabited(group) || (orphans && orphansOf().length > 0),
    signalLeftovers: (group, orphans, signal) => {
      sendSignal(-group, signal);
      if (orphans) for (const pid of orphansOf()) sendSignal(pid, signal);
    },
    forget: (pid) => {
      if (pid !== silent) output.processEnded();
      notifier.forget(pid);
      return living.delete(pid);
    },
  };
}

/** Null where there is no descriptor to be had. */
function openDevNull(): number | null {
  try {
    return openSync("/dev/null", constants.O_RDWR);
  } catch {
    return null;
  }
}

/** `leads`: it was to lead a session. One that was killed before it could is in our own group, which is nobody's to end. */
function describe(pid: number, leads: boolean): Process {
  const info = processInfo(pid);
  const group = leads ? pid : (info?.group ?? pid);
  return { pid, group, startTicks: info?.startTicks ?? 0 };
}

function isExecutable(directory: ServiceDirectory, entry: string, say: Diagnostics): boolean {
  try {
    return ownerMayExecute(directory, entry) ?? false;
  } catch (error) {
    say.warning(`unable to stat ${entry}: ${reasonOf(errnoOf(error))}`);
    return false;
  }
}

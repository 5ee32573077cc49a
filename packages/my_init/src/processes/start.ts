import { Buffer } from "node:buffer";

import { commandsDirectory } from "@upkeep/program/command-line/invocation";
import type { EventsChannel } from "@upkeep/supervise/parent/events";
import { lastArguments } from "@upkeep/linux/exec/command-line";
import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { errno } from "@upkeep/linux/core/errno";
import { isForkFailure, spawn, type SpawnResult } from "@upkeep/linux/exec/spawn";

import { type Budget, servicesSeconds } from "../core/budget.ts";
import type { ContainerEnvironment } from "../environment/container-environment.ts";
import type { Answer, Subject } from "../core/event.ts";
import type { Wishes } from "../cli/options.ts";
import { candidates, goesOn } from "../core/path-search.ts";
import type { ByteText } from "../core/variables.ts";

const scanDirectory = "/etc/service";

/**
 * Makes what starts the programs of a container.
 *
 * @param channel where runsvdir tells of a critical service; null where there is none.
 */
export function createStart(
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
  return [...withoutVariable(entries, "UPKEEP_PREFIX_LOGS"), bytesOf("UPKEEP_PREFIX_LOGS=1")];
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

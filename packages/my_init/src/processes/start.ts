import { commandsDirectory } from "@upkeep/program/command-line/invocation";
import { candidates, execvpSearch, search } from "@upkeep/program/core/path-search";
import { traceEntries } from "@upkeep/program/trace/open-trace";
import type { EventsChannel } from "@upkeep/supervise/parent/events";
import { type ByteText, bytesOf, textOf } from "@upkeep/linux/core/byte-text";
import { lastArguments } from "@upkeep/linux/exec/command-line";
import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { isForkFailure, spawn, type SpawnResult } from "@upkeep/linux/exec/spawn";

import { type Budget, servicesSeconds } from "../core/budget.ts";
import type { ContainerEnvironment } from "../environment/container-environment.ts";
import type { Answer, Subject } from "../core/event.ts";
import type { Wishes } from "../cli/options.ts";

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
        return [utf8(subject.path)];
      case "services":
        return ["runsvdir", "--orderly", "--stop-timeout", String(servicesSeconds(budget)), "-P", scanDirectory].map(
          utf8,
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
    const entries = isServices ? [...(wishes.prefixLogs ? withPrefix(own) : own), ...traceEntries()] : own;
    const events = isServices ? channel : null;
    const options = { path: environment.valueOf("PATH"), beside, events, newSession: isServices };
    const result = spawnBySearch(wordsOf(subject), entries, options);
    if (result.ok) return { kind: "started", subject, pid: result.pid };
    return { kind: "startFailed", subject, errno: result.errno, isFork: isForkFailure(result.errno) };
  };
}

/** Adds what every runsv takes for the wish to tell services apart. */
function withPrefix(entries: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return [...withoutVariable(entries, "UPKEEP_PREFIX_LOGS"), utf8("UPKEEP_PREFIX_LOGS=1")];
}

/** The main command as it was given: what the runtimes hand out has lost all that is not UTF-8. */
function bytesOfMainCommand({ mainCommand }: Wishes): readonly Uint8Array[] {
  try {
    return mainCommand.length === 0 ? [] : lastArguments(mainCommand.length);
  } catch {
    // Without /proc.
    return mainCommand.map(utf8);
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
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
  const command = textOf(argv[0] ?? new Uint8Array());
  const files = [...candidates(execvpSearch, command, path ?? null).map(bytesOf), ...beside];
  let pid = 0;
  const failed = search(execvpSearch, files, (file) => {
    const result = spawn({
      path: file,
      argv,
      environment: events === null ? environment : events.environmentOf(environment),
      newSession,
      ...(events === null ? {} : { descriptors: events.descriptors }),
    });
    if (!result.ok) return result.errno;
    ({ pid } = result);
    return 0;
  });
  return failed === 0 ? { ok: true, pid } : { ok: false, errno: failed };
}

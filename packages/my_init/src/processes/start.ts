import { closeSync, openSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

import { commandsDirectory, ownFile } from "@upkeep/program/command-line/invocation";
import { candidates, execvpSearch, search } from "@upkeep/program/core/path-search";
import { traceEntries } from "@upkeep/program/trace/open-trace";
import type { EventsChannel } from "@upkeep/supervise/parent/events";
import { type ByteText, bytesOf, textOf } from "@upkeep/linux/core/byte-text";
import { lastArguments } from "@upkeep/linux/exec/arguments";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { withoutVariable, type EnvironmentEntry } from "@upkeep/linux/exec/environment";
import { isForkFailure, spawn, type SpawnRequest, type SpawnResult } from "@upkeep/linux/exec/spawn";

import { type Budget, servicesSeconds } from "../core/budget.ts";
import type { ContainerEnvironment } from "../environment/container-environment.ts";
import type { Child, StartOutcome } from "../core/event.ts";
import type { Options } from "../cli/options.ts";

const scanDirectory = "/etc/service";

/**
 * Makes the function that starts the programs of a container.
 *
 * @param channel where runsvdir reports a critical service; null: nowhere.
 */
export function createStart(
  options: Options,
  budget: Budget,
  environment: ContainerEnvironment,
  channel: EventsChannel | null,
): (child: Child) => StartOutcome {
  const mainCommand = bytesOfMainCommand(options);
  const wordsOf = (child: Child): readonly Uint8Array[] => {
    switch (child.kind) {
      case "script":
        return [utf8(child.path)];
      case "services":
        return runsvdirWords(options, budget).map(utf8);
      case "main":
        return mainCommand;
      default:
        return child satisfies never;
    }
  };
  return (child) => {
    const isServices = child.kind === "services";
    const events = isServices ? channel : null;
    const own = environment.entries();
    const entries = isServices ? [...(options.prefixLogs ? withPrefix(own) : own), ...traceEntries()] : own;
    const request = {
      argv: wordsOf(child),
      environment: events === null ? entries : events.environmentOf(entries),
      descriptors: events?.descriptors ?? {},
      // Scripts and the main command stay in our session, which may have a terminal. The services do not: Ctrl-C must
      // reach us alone, and we stop them in their turn.
      newSession: isServices,
    };
    const ownFiles = isServices ? ownRunsvdir() : [];
    const start = (input: number): SpawnResult =>
      spawnBySearch({ ...request, stdio: [input, 1, 2] }, environment.valueOf("PATH"), ownFiles);
    const isInputTheirs = !isServices || (options.mainCommand.length === 0 && !isTerminal(0));
    const result = isInputTheirs ? start(0) : withoutInput(start);
    if (result.ok) return { kind: "started", child, pid: result.pid };
    return { kind: "startFailed", child, errno: result.errno, isFork: isForkFailure(result.errno) };
  };
}

function runsvdirWords({ inline }: Options, budget: Budget): readonly string[] {
  const timeout = ["--stop-timeout", String(servicesSeconds(budget))];
  return ["runsvdir", ...(inline ? ["--inline"] : []), "--orderly", ...timeout, "-P", scanDirectory];
}

/**
 * Gives `start` /dev/null as standard input, or our own where there is none. A service that reads would take what is
 * meant for the main command, or for the person at the terminal.
 */
function withoutInput(start: (input: number) => SpawnResult): SpawnResult {
  let nothing: number;
  try {
    nothing = openSync("/dev/null", "r");
  } catch {
    return start(0);
  }
  try {
    return start(nothing);
  } finally {
    closeSync(nothing);
  }
}

/** Adds the variable by which each runsv puts the service's name in front of its lines. */
function withPrefix(entries: readonly EnvironmentEntry[]): readonly EnvironmentEntry[] {
  return [...withoutVariable(entries, "UPKEEP_PREFIX_LOGS"), utf8("UPKEEP_PREFIX_LOGS=1")];
}

/**
 * Where our own runsvdir may be: beside the file that we execute, or beside the link by which we were called. One of another
 * suite, which PATH may have, knows no `--orderly`.
 */
function ownRunsvdir(): readonly string[] {
  const beside = commandsDirectory();
  return [realDirectory(), beside]
    .filter((directory) => directory !== null)
    .map((directory) => `${directory}/runsvdir`);
}

/** Null without /proc, or where the file is gone. */
function realDirectory(): string | null {
  try {
    return dirname(realpathSync(ownFile()));
  } catch {
    return null;
  }
}

/** The bytes of the main command. The runtimes' own words have lost all that is not UTF-8. */
function bytesOfMainCommand({ mainCommand }: Options): readonly Uint8Array[] {
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

/** Searches the command in the PATH that it will have, which may differ from ours, but first among the files of ours. */
function spawnBySearch(
  request: Omit<SpawnRequest, "path">,
  path: ByteText | undefined,
  own: readonly string[],
): SpawnResult {
  const command = textOf(Buffer.from(request.argv[0] ?? ""));
  const files = [...own, ...candidates(execvpSearch, command, path ?? null).map(bytesOf)];
  let pid = 0;
  const failed = search(execvpSearch, files, (file) => {
    const result = spawn({ ...request, path: file });
    if (!result.ok) return result.errno;
    ({ pid } = result);
    return 0;
  });
  return failed === 0 ? { ok: true, pid } : { ok: false, errno: failed };
}

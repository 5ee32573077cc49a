import { sharedLineOutput } from "@upkeep/log-prefix/output/line-output";
import { closeQuietly } from "@upkeep/linux/fd/files";
import { wakeAllReady } from "@upkeep/linux/fd/readable";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { openOutputLocks } from "@upkeep/runsv/engine/output-locks";
import { findSurroundings } from "@upkeep/runsv/surroundings";

import type { RunsvEnd, StartOutcome } from "../core/event.ts";
import { createEngines, type Engines } from "./engines.ts";
import { openEntry } from "./entry-descriptor.ts";
import { HandsOver } from "./hands-over.ts";
import { createTurnEnd, createTurns } from "./turns.ts";
import { asks, lookAtEntry } from "./inline-entry.ts";

/** Supervises services in this process, as far as that is possible. */
export interface InlineHost extends Omit<Engines, "open" | "descriptors"> {
  /**
   * Opens an engine for an entry of the scan directory; null where the service needs a runsv.
   *
   * @param handed what the engine before it has told when this process was executed anew.
   */
  start(name: string, isLast: boolean, handed: unknown): StartOutcome | null;
}

export interface InlinePorts {
  /** The path of an entry of the scan directory now; null where there is no such directory. */
  readonly pathOf: (name: string) => string | null;
  /** The runsv that PATH leads to, where it is not ours; null: an engine may take its place. */
  readonly foreignRunsv: () => string | null;
  /** How many descriptors this process may have open. */
  readonly limit: number;
  /** Descriptor of the standard error of services. */
  readonly stderr: number;
  readonly onCritical: (name: string, code: number) => void;
  readonly onEnd: (number: number, end: RunsvEnd) => void;
  readonly onWork: () => void;
  /** Reaps the children that have ended. */
  readonly reap: () => void;
  readonly sayAs: (prefix: string) => Diagnostics;
  readonly say: Diagnostics;
}

/** Descriptors for everything else: those of the runtime, of the scanner, and one start. */
const reserve = 64;

export function createInlineHost(ports: InlinePorts): InlineHost {
  const { pathOf, foreignRunsv, limit, stderr, say } = ports;
  /** Services for which there was no descriptor. */
  const outside = new Set<string>();
  const warnOfRoom = once(say.warning);
  const warnOfForeign = once(say.warning);

  const tellNoRoom = (name: string): void =>
    warnOfRoom(`too few open files for ${name}: what does not fit gets a runsv each`);
  const isForeign = (): boolean => {
    const path = foreignRunsv();
    if (path !== null) warnOfForeign(`unable to supervise inline: ${path} is not of this suite: each service gets it`);
    return path !== null;
  };
  // The path may have gone for a moment. Then the engine keeps the directory that it has open.
  const pathNow = (name: string): string => pathOf(name) ?? `/proc/self/fd/-1/${name}`;
  const engines = createEngines({
    surroundings: findSurroundings(
      sharedLineOutput(1, () => openOutputLocks(1)),
      stderr,
    ),
    pathOf: pathNow,
    siblings: pathOf,
    beforeStart: (_name, directory) => {
      if (asks(directory)) throw new HandsOver();
    },
    onNoRoom: (name) => {
      outside.add(name);
      tellNoRoom(name);
    },
    onCritical: ports.onCritical,
    onEnd: ports.onEnd,
    onWork: ports.onWork,
    inTurn: createTurns(),
    // What has ended meanwhile is written as it is then, and not twice.
    atTurnEnd: createTurnEnd(() => {
      ports.reap();
      // Those that were adopted.
      wakeAllReady();
    }),
    sayAs: ports.sayAs,
  });
  return {
    ...engines,
    start: (name, isLast, handed) => {
      if (isForeign() || outside.has(name)) return null;
      const opened = openEntry(pathNow(name));
      if (opened === "gone") return { kind: "entryChanged" };
      const { needsProcess, descriptors } = lookAtEntry(opened);
      const hasRoom = engines.descriptors() + descriptors + reserve <= limit;
      if (needsProcess || !hasRoom) {
        closeQuietly(opened);
        if (!needsProcess) tellNoRoom(name);
        return null;
      }
      const pid = engines.open({ name, opened, isLast, descriptors, handed });
      return { kind: "started", pid, follows: true };
    },
  };
}

/** Says the first message, and no other one. */
function once(say: (message: string) => void): (message: string) => void {
  let isSaid = false;
  return (message) => {
    if (!isSaid) say(message);
    isSaid = true;
  };
}

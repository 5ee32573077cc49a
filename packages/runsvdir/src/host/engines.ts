import type { SignalName } from "@upkeep/linux/core/signals";
import type { Reaped } from "@upkeep/linux/process/wait";

import { Engine, type EngineHost, type EnginePorts, type InlineEntry } from "./engine.ts";

/**
 * Engines of services in this process, each in the place of a runsv. Their numbers are below zero, so that none is a pid.
 */
export interface Engines {
  /** Opens one. How that goes is told later, as for a process. */
  open(entry: InlineEntry): number;
  /** Does to an engine what the signal does to a runsv; false when the number is not that of one. */
  signal(number: number, signal: SignalName): boolean;
  /** Whether an engine that was asked to leave has had another command since; null when the number is not that of one. */
  isCalledBack(number: number): boolean | null;
  /** A child of this process is about to be reaped. */
  beforeReaping(pid: number): void;
  /** A child was reaped; false when no engine has started it. */
  reaped(child: Reaped): boolean;
  /** How many descriptors they may have open. */
  descriptors(): number;
  /** Whether one is still being opened. */
  areOpening(): boolean;
  /** What they must not be replaced in the middle of, as words behind our name; null: nothing. */
  underWay(): string | null;
  /** What an engine tells the one that takes its place when this process is executed anew. */
  handOver(number: number): unknown;
  /** Runs an action when all have ended. */
  whenGone(action: () => void): void;
}

export function createEngines(ports: EnginePorts): Engines {
  const engines = new Map<number, Engine>();
  /** Whose child each is. An exit costs the same however many engines there are. */
  const owners = new Map<number, Engine>();
  let last = 0;
  let descriptors = 0;
  let onGone: (() => void) | null = null;

  const host: EngineHost = {
    ...ports,
    onChild: (engine, pid) => void owners.set(pid, engine),
    onEnded: (engine, end) => {
      descriptors -= engine.descriptors;
      if (!engines.delete(engine.number)) return;
      ports.onEnd(engine.number, end);
      if (engines.size === 0) onGone?.();
    },
  };

  return {
    open: (entry) => {
      const engine = new Engine(--last, entry, host);
      descriptors += entry.descriptors;
      engines.set(engine.number, engine);
      // The caller hears first that there is one.
      setImmediate(() => engine.begin(entry));
      return engine.number;
    },
    signal: (number, signal) => {
      engines.get(number)?.signal(signal);
      return number < 0;
    },
    isCalledBack: (number) => {
      if (number >= 0) return null;
      return engines.get(number)?.supervisor?.isLeaving() === false;
    },
    beforeReaping: (pid) => owners.get(pid)?.use((supervisor) => supervisor.beforeReaping(pid)),
    reaped: (child) => {
      const owner = owners.get(child.pid);
      owners.delete(child.pid);
      owner?.use((supervisor) => supervisor.reaped([child]));
      return owner !== undefined;
    },
    descriptors: () => descriptors,
    areOpening: () => [...engines.values()].some((engine) => engine.isOpening()),
    underWay: () => {
      for (const engine of engines.values()) {
        const found = engine.isOpening() ? "it is being opened" : (engine.supervisor?.underWay() ?? null);
        if (found !== null) return `${engine.name}: ${found}`;
      }
      return null;
    },
    handOver: (number) => engines.get(number)?.supervisor?.handOver() ?? null,
    whenGone: (action) => {
      onGone = action;
      if (engines.size === 0) action();
    },
  };
}

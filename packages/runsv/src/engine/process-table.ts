import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { processInfo } from "@upkeep/linux/process/process-info";
import type { HeldProcess } from "@upkeep/linux/process/held-process";

import type { Process } from "../core/moment.ts";
import type { SlotName } from "../core/slot.ts";

/** The living processes of both slots. A pid that is not in here may be another process's by now, and gets no signal. */
export interface ProcessTable {
  /** Notes a child that was just started for a slot. */
  add(pid: number, slot: SlotName): void;
  /** Notes a process that another runsv has started. Calls back when it has ended, with when it was last seen alive. */
  adopt(held: HeldProcess, onEnd: (aliveAt: number) => void): void;
  /** A child was reaped. Returns whose it was; null when we did not start it. */
  remove(pid: number): SlotName | null;
  hasStarted(pid: number): boolean;
  signal(pid: number, signal: SignalName | number): void;
  /** Watches adopted processes no more. */
  close(): void;
  /** Kills a process, and its group unless that is ours. */
  killGroup(process: Process): void;
}

export function createProcessTable(): ProcessTable {
  const started = new Map<number, SlotName>();
  const adopted = new Map<number, HeldProcess>();
  return {
    add: (pid, slot) => void started.set(pid, slot),
    adopt: (held, onEnd) => {
      adopted.set(held.pid, held);
      held.watch((aliveAt) => {
        adopted.delete(held.pid);
        onEnd(aliveAt);
      });
    },
    remove: (pid) => {
      const slot = started.get(pid) ?? null;
      started.delete(pid);
      return slot;
    },
    close: () => {
      for (const held of adopted.values()) held.close();
      adopted.clear();
    },
    hasStarted: (pid) => started.has(pid),
    signal: (pid, signal) => {
      if (started.has(pid)) sendSignal(pid, signal);
      else adopted.get(pid)?.signal(signal);
    },
    killGroup: ({ pid, group }) => {
      const held = adopted.get(pid);
      if (!started.has(pid) && (held === undefined || held.hasEnded())) return;
      const target = groupToKill(pid, group);
      if (target !== null) sendSignal(-target, "SIGKILL");
      else if (started.has(pid)) sendSignal(pid, "SIGKILL");
      else held?.signal("SIGKILL");
    },
  };
}

/** The group of a living process, or of one that was not reaped; null where that is ours. */
function groupToKill(pid: number, group: number): number | null {
  if (group === pid) return group;
  const found = processInfo(pid)?.group ?? null;
  return found === processInfo("self")?.group ? null : found;
}

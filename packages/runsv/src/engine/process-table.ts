import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { processInfo } from "@upkeep/linux/process/process-info";
import type { HeldProcess } from "@upkeep/linux/process/held-process";

import type { Process } from "../core/moment.ts";
import { none } from "../core/none.ts";
import type { SlotName } from "../core/slot.ts";

/** A child that was not reaped yet. */
interface Child {
  readonly pid: number;
  readonly slot: SlotName;
  /** The process group that it was last seen in, where it may have made its own; else null. */
  group: number | null;
}

/**
 * The living processes of both slots: a few at most, so that lists do for them. A pid that is not in here may be another
 * process's by now, and gets no signal.
 */
export class ProcessTable {
  #started: readonly Child[] = none;
  #adopted: readonly HeldProcess[] = none;

  /**
   * Notes a child that was just started for a slot.
   *
   * @param group that of a child which may make its own.
   */
  add(pid: number, slot: SlotName, group: number | null = null): void {
    this.#started = [...this.#started, { pid, slot, group }];
  }

  /** Notes a process that another runsv has started. Calls back when it has ended, with when it was last seen alive. */
  adopt(held: HeldProcess, onEnd: (aliveAt: number) => void): void {
    this.#adopted = [...this.#adopted, held];
    held.watch((aliveAt) => {
      this.#adopted = this.#adopted.filter((one) => one !== held);
      onEnd(aliveAt);
    });
  }

  /** A child is about to be reaped: only now its process group can be seen. */
  beforeReaping(pid: number): void {
    const child = this.#child(pid);
    if (child !== undefined && child.group !== null) child.group = processInfo(pid)?.group ?? child.group;
  }

  /** The process group that a child was last seen in; null where it cannot be another than at its start. */
  groupOf(pid: number): number | null {
    return this.#child(pid)?.group ?? null;
  }

  /** A child was reaped. Returns whose it was; null when we did not start it. */
  remove(pid: number): SlotName | null {
    const found = this.#child(pid);
    if (found === undefined) return null;
    this.#started = this.#started.filter((child) => child !== found);
    return found.slot;
  }

  hasStarted(pid: number): boolean {
    return this.#child(pid) !== undefined;
  }

  signal(pid: number, signal: SignalName | number): void {
    if (this.hasStarted(pid)) sendSignal(pid, signal);
    else this.#held(pid)?.signal(signal);
  }

  /** Watches adopted processes no more. */
  close(): void {
    for (const held of this.#adopted) held.close();
    this.#adopted = none;
  }

  /** Kills a process, and its group unless that is ours. */
  killGroup({ pid, group }: Process): void {
    const held = this.#held(pid);
    const isStarted = this.hasStarted(pid);
    if (!isStarted && (held === undefined || held.hasEnded())) return;
    const target = groupToKill(pid, group);
    if (target !== null) sendSignal(-target, "SIGKILL");
    else if (isStarted) sendSignal(pid, "SIGKILL");
    else held?.signal("SIGKILL");
  }

  #child(pid: number): Child | undefined {
    return this.#started.find((child) => child.pid === pid);
  }

  #held(pid: number): HeldProcess | undefined {
    return this.#adopted.find((one) => one.pid === pid);
  }
}

/** The group of a living process, or of one that was not reaped; null where that is ours. */
function groupToKill(pid: number, group: number): number | null {
  if (group === pid) return group;
  const found = processInfo(pid)?.group ?? null;
  return found === processInfo("self")?.group ? null : found;
}

import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { livingMember } from "@upkeep/linux/process/group-member";
import { childPids, processInfo } from "@upkeep/linux/process/process-info";

import { none } from "../core/none.ts";
import type { SlotName } from "../core/slot.ts";

/** What tells our own children from orphans that became our children. */
interface Started {
  hasStarted(pid: number): boolean;
}

/** The group of each slot that has lost its leader unseen, and may be empty: its number may be another group's by now. */
type Lost = Readonly<Record<SlotName, number | null>>;
const noneLost: Lost = { service: null, log: null };

/** What an ended `./run` has left: members of its process group and, if asked for, orphans that became our children. */
export class Leftovers {
  readonly #children: Started;
  #lost = noneLost;
  /** The member that was found last. As long as it lives, it spares a search of all processes. */
  #member = 0;
  /** The groups of earlier starts whose members were left alone. */
  #kept: readonly number[] = none;

  constructor(children: Started) {
    this.#children = children;
  }

  /** @param keepsMembers whether the members of the group are left alone, those that are orphans as well. */
  areThere(group: number, withOrphans: boolean, keepsMembers = false): boolean {
    if (keepsMembers) this.#keep(group);
    else if (this.#isInhabited(group)) return true;
    return withOrphans && this.#orphans(keepsMembers).length > 0;
  }

  signal(group: number, withOrphans: boolean, signal: SignalName, keepsMembers = false): void {
    if (!keepsMembers) sendSignal(-group, signal);
    if (withOrphans) for (const pid of this.#orphans(keepsMembers)) sendSignal(pid, signal);
  }

  /** The group of a slot has lost its leader unseen. */
  lose(slot: SlotName, group: number): void {
    this.#lost = { ...this.#lost, [slot]: group };
  }

  /** The slot starts anew, in another group. */
  forget(slot: SlotName): void {
    if (this.#lost[slot] !== null) this.#lost = { ...this.#lost, [slot]: null };
  }

  /** A process that has ended holds nothing any more, though its number stays taken until it is reaped. */
  #isInhabited(group: number): boolean {
    if (this.#lost.service === group || this.#lost.log === group || sendSignal(-group, 0) !== 0) return false;
    const found = livingMember(group, this.#member);
    this.#member = found ?? 0;
    return found !== null;
  }

  #keep(group: number): void {
    this.#kept = [...this.#kept.filter((old) => old !== group && sendSignal(-old, 0) === 0), group];
  }

  #orphans(keepsMembers: boolean): readonly number[] {
    const isKept = (pid: number): boolean => keepsMembers && this.#kept.includes(processInfo(pid)?.group ?? 0);
    return childPids().filter((pid) => !this.#children.hasStarted(pid) && !isKept(pid));
  }
}

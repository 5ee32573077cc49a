import type { SignalName } from "@upkeep/linux/core/signals";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { livingMember } from "@upkeep/linux/process/group-member";
import { childPids, processInfo } from "@upkeep/linux/process/process-info";

import type { SlotName } from "../core/slot.ts";

/** What an ended `./run` has left: members of its process group and, if asked for, orphans that became our children. */
export interface Leftovers {
  /** @param keepsMembers whether the members of the group are left alone, those that are orphans as well. */
  areThere(group: number, orphans: boolean, keepsMembers?: boolean): boolean;
  signal(group: number, orphans: boolean, signal: SignalName, keepsMembers?: boolean): void;
  /** The group of a slot has lost its leader unseen, and may be empty: its number may be another group's by now. */
  lose(slot: SlotName, group: number): void;
  /** The slot starts anew, in another group. */
  forget(slot: SlotName): void;
}

/** @param isStarted whether we have started a child ourselves; otherwise it is an orphan. */
export function createLeftovers(isStarted: (pid: number) => boolean): Leftovers {
  const lost: Record<SlotName, number | null> = { service: null, log: null };
  /** The member that was found last. As long as it lives, it spares a search of all processes. */
  let member = 0;

  /** A process that has ended holds nothing any more, though its number stays taken until it is reaped. */
  const isInhabited = (group: number): boolean => {
    if (lost.service === group || lost.log === group || sendSignal(-group, 0) !== 0) return false;
    const found = livingMember(group, member);
    member = found ?? 0;
    return found !== null;
  };
  /** The groups of earlier starts whose members were left alone. */
  const kept = new Set<number>();
  const keep = (group: number): void => {
    for (const old of kept) if (sendSignal(-old, 0) !== 0) kept.delete(old);
    kept.add(group);
  };
  const orphans = (keepsMembers: boolean): readonly number[] =>
    childPids().filter((pid) => !isStarted(pid) && !(keepsMembers && kept.has(processInfo(pid)?.group ?? 0)));

  return {
    areThere: (group, withOrphans, keepsMembers = false) => {
      if (keepsMembers) keep(group);
      else if (isInhabited(group)) return true;
      return withOrphans && orphans(keepsMembers).length > 0;
    },
    signal: (group, withOrphans, signal, keepsMembers = false) => {
      if (!keepsMembers) sendSignal(-group, signal);
      if (withOrphans) for (const pid of orphans(keepsMembers)) sendSignal(pid, signal);
    },
    lose: (slot, group) => {
      lost[slot] = group;
    },
    forget: (slot) => {
      lost[slot] = null;
    },
  };
}

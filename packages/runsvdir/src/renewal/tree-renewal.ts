import { realpathSync } from "node:fs";

import { version } from "@upkeep/program/core/version";
import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import { createRenewing, type Handed as HandedOver } from "@upkeep/program/process/renewal";
import { traceDescriptor } from "@upkeep/program/trace/open-trace";
import { settleIn } from "@upkeep/linux/exec/renewal";
import { readTextOrNull } from "@upkeep/linux/fd/files";
import type { Pipe } from "@upkeep/linux/fd/pipe";
import type { Reaped } from "@upkeep/linux/process/wait";
import { monotonicMillis } from "@upkeep/linux/time/clock";
import type { RenewedProgram } from "@upkeep/supervise/core/renewal-record";
import { eventsDescriptor, type EventsChannel, type SupervisionEvent } from "@upkeep/supervise/parent/events";

import { childrenOf, encodeHanded, isSettled, underWay, type HandedChild } from "../core/handed.ts";
import type { Identity } from "../core/scan.ts";
import { entriesOf, find } from "../core/shared-map.ts";
import type { Interpreter } from "../engine/interpreter.ts";
import type { InlineHost } from "../host/inline.ts";
import type { TitleLog } from "../host/readproctitle.ts";
import { createClaims } from "./claims.ts";
import { createDoor, type Door } from "./door.ts";
import { createOtherRenewals } from "./others.ts";

/** Renews all supervisors of a scan directory: first this process, then each runsv, then the program above us. */
export interface TreeRenewal {
  /** Where it is asked for. */
  readonly door: Door;
  /** The runsv of a service, where it is our child since before our program was executed anew; null: it is not. */
  adopt(identity: Identity): { readonly pid: number; readonly follows: boolean } | null;
  /** What the engine of a service has told before. */
  engineOf(identity: Identity): unknown;
  readonly pipes: { readonly events: Pipe | null; readonly title: Pipe | null };
  /** Whether children may be reaped: an exit of which nobody knows yet whose it is must wait. */
  mayReap(): boolean;
  /** A child was reaped; false when it is none of ours. */
  reaped(child: Reaped): boolean;
  /** A runsv tells what came of its renewal. */
  told(event: SupervisionEvent): void;
  /** A scan has told all entries. */
  listed(): void;
  /** The first scan was tried. */
  begin(): void;
}

export interface TreeRenewalPorts {
  /** What the program that was this process before has handed over; null where we have just begun. */
  readonly handed: HandedOver | null;
  readonly interpreter: () => Interpreter;
  readonly inline: () => InlineHost | null;
  readonly title: () => TitleLog | null;
  readonly events: () => EventsChannel | null;
  /** Reaps what has ended. */
  readonly reap: () => void;
  /** Tells the program above us; null: it does not want to know. */
  readonly tell: ((event: SupervisionEvent) => void) | null;
  readonly say: Diagnostics;
}

/** Milliseconds between two looks whether everything is taken over, and how long that may hold up what has ended. */
const look = 5;
const patience = 10_000;

export function createTreeRenewal(ports: TreeRenewalPorts): TreeRenewal {
  const { handed, interpreter, inline, tell, say } = ports;
  const claims = createClaims(handed?.content);
  const others = createOtherRenewals(version);
  let isAdopting = handed !== null;
  let hasListing = false;

  const describe = (before: string, problem: string | null): RenewedProgram => {
    return { program: "runsvdir", pid: process.pid, before, version, problem };
  };

  const renewing = createRenewing({
    name: "runsvdir",
    underWay: () =>
      (isAdopting ? "it has just been renewed" : underWay(interpreter().state())) ?? inline()?.underWay() ?? null,
    describe: () => handOver(ports),
    keeps: () => [eventsDescriptor(), traceDescriptor()],
    onRefused: (problem) => {
      say.warning(`unable to renew: ${problem}`);
      door.record({ programs: [describe(version, problem)], asksParent: false });
    },
  });
  const door = createDoor(renewing.begin, say.warning);

  /** Every runsv, and then the parent, which leaves its record beside ours. */
  const renewOthers = async (before: string): Promise<void> => {
    const nameOf = ({ identity }: HandedChild): string => find(interpreter().state().services, identity)?.name ?? "";
    const found = await others.renewAll(childrenOf(interpreter().state()), nameOf);
    const directory = door.directory();
    const asksParent = tell !== null && directory !== null && isUnderMyInit();
    if (asksParent) tell({ ...renewParent, directory: realpathSync(directory) });
    door.record({ programs: [describe(before, null), ...found], asksParent });
  };

  const settle = (before: string): void => {
    isAdopting = false;
    if (hasListing) claims.endRest();
    settleIn();
    ports.reap();
    void renewOthers(before);
  };

  const settleLater = (before: string, until: number): void => {
    const now = monotonicMillis();
    const isDone = hasListing && isSettled(interpreter().state(), now) && inline()?.areOpening() !== true;
    if (isDone || now > until) settle(before);
    else setTimeout(settleLater, look, before, until);
  };

  return {
    door,
    adopt: claims.adopt,
    engineOf: (identity) => (isAdopting ? claims.engineOf(identity) : null),
    pipes: claims.pipes,
    mayReap: () => !isAdopting,
    reaped: (child) => {
      others.ended(child.pid);
      claims.ended(child.pid);
      return renewing.reaped(child);
    },
    told: ({ renewal }) => {
      if (renewal !== undefined) others.told(renewal);
    },
    listed: () => {
      if (!isAdopting && !hasListing) claims.endRest();
      hasListing = true;
    },
    begin: () => {
      if (handed !== null) settleLater(handed.version, monotonicMillis() + patience);
    },
  };
}

/** What the program that takes our place needs to know. */
function handOver({ interpreter, inline, events, title }: TreeRenewalPorts): unknown {
  const state = interpreter().state();
  const told = entriesOf(state.services).flatMap(([identity, { runsv }]): readonly (readonly [Identity, unknown])[] => {
    const found = runsv.kind === "running" && runsv.pid < 0 ? inline()?.handOver(runsv.pid) : null;
    return (found ?? null) === null ? [] : [[identity, found]];
  });
  return encodeHanded({
    children: childrenOf(state),
    engines: new Map(told),
    events: events()?.pipe ?? null,
    title: title()?.pipe ?? null,
  });
}

/** Anybody may want events. Only my_init of ours knows what to do with this one. */
function isUnderMyInit(): boolean {
  return readTextOrNull(`/proc/${process.ppid}/comm`) === "my_init\n";
}

const renewParent = { event: "renew", service: "", code: null, signal: null, critical: false } as const;

import { version } from "@upkeep/program/core/version";
import { createRenewing, type Handed as HandedOver, type Renewing } from "@upkeep/program/process/renewal";
import { traceDescriptor } from "@upkeep/program/trace/open-trace";
import { SystemError } from "@upkeep/linux/core/errno";
import { takeKeptPipe } from "@upkeep/linux/exec/handover";
import { settleIn } from "@upkeep/linux/exec/renewal";
import { parentRenewal } from "@upkeep/supervise/renewal/files";
import { recordRenewal } from "@upkeep/supervise/renewal/record-file";

import { decodeHanded, encodeHanded, underWay, type Handed } from "./core/handed.ts";
import type { State } from "./core/state.ts";

/** The renewal of my_init. */
export interface OwnRenewal extends Pick<Renewing, "reaped"> {
  /** runsvdir has been renewed, and wants to know in this directory what comes of our renewal. */
  begin(directory: string): void;
  /** All handlers are there: what was handed over and not taken is closed, and what has come meanwhile is let in. */
  settle(): void;
}

export interface OwnRenewalPorts {
  readonly state: () => State;
  /** All that the next program needs to know, but for the directory. */
  readonly describe: () => Omit<Handed, "directory" | "life">;
  readonly warn: (message: string) => void;
}

/** What the program that was this process before has handed over; null where this process has just begun. */
export function takeHanded(found: HandedOver | null): Handed | null {
  const handed = decodeHanded(found?.content);
  return handed === null ? null : { ...handed, channel: takeKeptPipe(handed.channel) };
}

/** @param found see {@link takeHanded}. */
export function createOwnRenewal(found: HandedOver | null, { state, describe, warn }: OwnRenewalPorts): OwnRenewal {
  let directory = decodeHanded(found?.content)?.directory ?? "";

  const record = (before: string, problem: string | null): void => {
    const program = { program: "my_init", pid: process.pid, before, version, problem };
    try {
      recordRenewal(`${directory}/${parentRenewal}`, parentRenewal, { programs: [program], asksParent: false });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(error.message);
    }
  };

  const renewing = createRenewing({
    name: "my_init",
    underWay: () => underWay(state()),
    describe: () => encodeHanded({ ...describe(), life: state(), directory }),
    keeps: () => [traceDescriptor()],
    onRefused: (problem) => {
      warn(`unable to renew: ${problem}`);
      record(version, problem);
    },
  });
  return {
    reaped: renewing.reaped,
    begin: (place) => {
      directory = place;
      renewing.begin();
    },
    settle: () => {
      if (found === null) return;
      settleIn();
      record(found.version, null);
    },
  };
}

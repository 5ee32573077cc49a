import { catchesSignal, processInfo } from "@upkeep/linux/process/process-info";
import { sendSignal } from "@upkeep/linux/signal/signal";
import { renewSignal } from "@upkeep/runsv/renew-signal";
import type { RenewedProgram } from "@upkeep/supervise/core/renewal-record";

import type { HandedChild } from "../core/handed.ts";

/** Milliseconds that a runsv may take: longer than it waits itself. */
const patience = 25_000;

/** Renews the runsv processes below us, one after the other, so that the machine is not crowded with starts. */
export interface OtherRenewals {
  /** @param nameOf the name of a service now. */
  renewAll(
    children: readonly HandedChild[],
    nameOf: (child: HandedChild) => string,
  ): Promise<readonly RenewedProgram[]>;
  /** A runsv tells what came of its renewal. */
  told(renewal: RenewedProgram): void;
  /** A child has ended. */
  ended(pid: number): void;
}

export function createOtherRenewals(ownVersion: string): OtherRenewals {
  let current: { readonly pid: number; readonly settle: (outcome: RenewedProgram | string | null) => void } | null =
    null;

  const ask = async (pid: number): Promise<RenewedProgram | string | null> => {
    if (!catchesSignal(pid, renewSignal)) return "it cannot renew itself, or not yet";
    const { promise, resolve } = Promise.withResolvers<RenewedProgram | string | null>();
    const timer = setTimeout(resolve, patience, "it does not answer");
    current = { pid, settle: resolve };
    sendSignal(pid, renewSignal);
    // It reports to the runsvdir that has started it.
    if (processInfo(pid)?.parent !== process.pid) resolve("asked, but it reports to a runsvdir that is gone");
    const outcome = await promise;
    clearTimeout(timer);
    current = null;
    return outcome;
  };

  return {
    renewAll: async (children, nameOf) => {
      const found: RenewedProgram[] = [];
      for (const child of children) {
        const { pid, follows } = child;
        // Another suite's would end by the signal.
        const outcome = follows ? await ask(pid) : null;
        const program = `runsv ${nameOf(child)}`;
        if (typeof outcome === "string")
          found.push({ program, pid, before: ownVersion, version: ownVersion, problem: outcome });
        else if (outcome !== null) found.push({ ...outcome, program });
      }
      return found;
    },
    told: (renewal) => {
      if (current?.pid === renewal.pid) current.settle(renewal);
    },
    // Its successor is new.
    ended: (pid) => {
      if (current?.pid === pid) current.settle(null);
    },
  };
}

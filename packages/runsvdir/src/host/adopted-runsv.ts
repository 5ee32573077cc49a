import type { SignalName } from "@upkeep/linux/core/signals";
import type { HeldProcess } from "@upkeep/linux/process/held-process";

/** The runsv that another runsvdir has started, which is gone. The kernel tells us nothing about them. */
export interface AdoptedRunsv {
  /** Adopts the runsv of a service directory, if there is one without a runsvdir. Returns its pid, else null. */
  adopt(service: string): number | null;
  /** Sends a signal to an adopted runsv that has not ended; false when the pid is not that of one. */
  signal(pid: number, signal: SignalName): boolean;
}

/** What it needs. */
export interface AdoptedPorts {
  /** Gets hold of the runsv of a service directory that lives on without its runsvdir. */
  readonly find: (service: string) => HeldProcess | null;
  /** Whether processes of the service may be left without a runsv. */
  readonly hasLeftovers: (service: string) => boolean;
  /** Runs an action so many ms later. */
  readonly later: (action: () => void, millis: number) => void;
  /** An adopted runsv has ended. */
  readonly onEnd: (pid: number, hasLeftovers: boolean) => void;
}

/** Time between two checks whether an adopted runsv has ended, in ms. One timer serves all of them. */
const checkPause = 100;

export function createAdoptedRunsv({ find, hasLeftovers, later, onEnd }: AdoptedPorts): AdoptedRunsv {
  const held = new Map<number, { readonly runsv: HeldProcess; readonly service: string }>();
  let isTimed = false;

  const check = (): void => {
    isTimed = false;
    const ended = [...held].filter(([, { runsv }]) => runsv.hasEnded());
    for (const [pid, { runsv, service }] of ended) {
      held.delete(pid);
      runsv.close();
      onEnd(pid, hasLeftovers(service));
    }
    schedule();
  };

  const schedule = (): void => {
    if (isTimed || held.size === 0) return;
    isTimed = true;
    later(check, checkPause);
  };

  return {
    adopt: (service) => {
      const runsv = find(service);
      if (runsv === null) return null;
      held.set(runsv.pid, { runsv, service });
      schedule();
      return runsv.pid;
    },
    signal: (pid, signal) => {
      const found = held.get(pid);
      found?.runsv.signal(signal);
      return found !== undefined;
    },
  };
}

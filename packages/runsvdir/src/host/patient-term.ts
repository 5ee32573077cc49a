/**
 * Sends TERM to a runsv once that has a handler for it. Before, TERM would kill it, and what a killed runsv before it had
 * started would be left behind.
 */
export interface PatientTerm {
  /** A runsv of ours has been started. One that is never named here gets TERM at once. */
  started(pid: number): void;
  send(pid: number): void;
  /** It has been reaped. Its pid may name another process from now on. */
  ended(pid: number): void;
  /** Runs an action when every TERM has been sent. */
  whenSent(action: () => void): void;
}

export interface PatientTermPorts {
  /** Whether the runsv with this pid handles signals by now. */
  readonly isListening: (pid: number) => boolean;
  readonly send: (pid: number) => void;
  /** Runs an action so many ms later. */
  readonly later: (action: () => void, millis: number) => void;
  /** In ms. */
  readonly now: () => number;
}

/** Time between two looks at the runsv that are to get TERM, in ms. */
const pause = 5;
/** How long a runsv may take to start on a crowded machine, in ms. */
const longestStart = 10_000;

export function createPatientTerm({ isListening, send, later, now }: PatientTermPorts): PatientTerm {
  /** When each was started, as long as it may not listen yet. */
  const young = new Map<number, number>();
  const waiting = new Set<number>();
  let actions: readonly (() => void)[] = [];
  let isTimed = false;

  const trySend = (pid: number): void => {
    const startedAt = young.get(pid);
    if (startedAt !== undefined && now() - startedAt < longestStart && !isListening(pid)) {
      waiting.add(pid);
      return;
    }
    young.delete(pid);
    waiting.delete(pid);
    send(pid);
  };

  const goOn = (): void => {
    if (waiting.size === 0) {
      const due = actions;
      actions = [];
      for (const action of due) action();
    } else if (!isTimed) {
      isTimed = true;
      later(() => {
        isTimed = false;
        for (const pid of waiting) trySend(pid);
        goOn();
      }, pause);
    }
  };

  return {
    started: (pid) => void young.set(pid, now()),
    send: (pid) => {
      trySend(pid);
      goOn();
    },
    ended: (pid) => {
      young.delete(pid);
      waiting.delete(pid);
      goOn();
    },
    whenSent: (action) => {
      actions = [...actions, action];
      goOn();
    },
  };
}

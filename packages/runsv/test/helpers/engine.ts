import { defaultSettings, type RunSettings } from "@upkeep/service-directory/core/run-settings";
import type { Pipe } from "@upkeep/linux/fd/pipe";

import type { Moment } from "../../src/core/moment.ts";
import type { ScriptLetter, SlotName } from "../../src/core/slot.ts";
import { initialState, type State } from "../../src/core/supervisor.ts";
import { createInterpreter, type Interpreter } from "../../src/engine/interpreter.ts";
import type { Processes } from "../../src/engine/processes.ts";

/** How the ports answer; a test changes it as it goes. */
export interface Answers {
  settings: Partial<RunSettings>;
  hasFinish: boolean;
  scripts: readonly ScriptLetter[];
  /** Whether control scripts can be started. */
  canStartScripts: boolean;
  hasLeftovers: boolean;
  /** Dependencies that are not satisfied, and what is wrong with them. */
  missing: readonly string[];
  problem: string | null;
  retryAt: number;
  /** Pid of the next child. */
  nextPid: number;
}

/** What a test opens an engine with. */
export interface EngineOptions extends Partial<Answers> {
  readonly log?: "up" | "down" | null;
  readonly down?: boolean;
  readonly logPipe?: Pipe | null;
  readonly atTurnEnd?: (action: () => void) => void;
}

/** An interpreter whose ports note what is asked of them, with a clock that is turned by hand. */
export interface FakeEngine {
  readonly interpreter: Interpreter;
  readonly answers: Answers;
  /** All calls of the ports, oldest first; {@link FakeEngine.take} empties it. */
  readonly calls: string[];
  readonly clock: { now: number };
  /** The state that was published last. */
  published(): State | null;
  /** The calls since the last one of this. */
  take(): readonly string[];
}

/** Pid of the first child; each other one gets the next. */
export const firstPid = 1000;

export function openEngine(options: EngineOptions = {}): FakeEngine {
  const calls: string[] = [];
  const clock = { now: 100_000 };
  const now = (): Moment => {
    const wall = { seconds: 1_700_000_000 + Math.floor(clock.now / 1000), nanoseconds: 0 };
    return { wall, monotonic: clock.now, boot: clock.now };
  };
  const answers: Answers = {
    settings: {},
    hasFinish: false,
    scripts: [],
    canStartScripts: true,
    hasLeftovers: false,
    missing: [],
    problem: null,
    retryAt: Infinity,
    nextPid: firstPid,
    ...options,
  };
  let published: State | null = null;
  const wants = { service: options.down === true ? "down" : "up", log: options.log ?? null } as const;
  const interpreter = createInterpreter(initialState(wants, now()), {
    processes: fakeProcesses(answers, calls),
    publisher: {
      publish: (state) => {
        published = state;
        calls.push(`publish ${describe(state)}`);
      },
      mayWait: ({ service }) => answers.retryAt === Infinity && service.gotTerm,
      begin: (state) => void calls.push(`begin ${describe(state)}`),
      announce: (slot, what) => void calls.push(`announce ${slot.name} ${what}, ${slot.state.kind}`),
      retryAt: () => answers.retryAt,
    },
    dependencies: {
      check: () => {
        calls.push("check dependencies");
        return { names: answers.missing, problem: answers.problem, note: null };
      },
      forget: () => void calls.push("forget dependencies"),
    },
    follow: () => false,
    lookAnew: () => {},
    hasLog: () => false,
    ends: { record: () => {}, flush: () => {} },
    report: (event, exit, isCritical) => {
      calls.push(`report ${event}${exit === null ? "" : ` ${JSON.stringify(exit)}`}${isCritical ? ", critical" : ""}`);
    },
    logPipe: options.logPipe ?? null,
    say: {
      fatal: (message) => void calls.push(`fatal: ${message}`),
      warning: (message) => void calls.push(`warning: ${message}`),
    },
    now,
    atTurnEnd: options.atTurnEnd,
    onExit: () => void calls.push("exit"),
  });
  return { interpreter, answers, calls, clock, published: () => published, take: () => calls.splice(0) };
}

function describe({ service, log }: State): string {
  const own = service.script === null ? service.state.kind : `${service.state.kind} control/${service.script}`;
  return log === null ? own : `${own}, log ${log.state.kind}`;
}

function fakeProcesses(answers: Answers, calls: string[]): Processes {
  const owners = new Map<number, SlotName>();
  const start = (slot: SlotName, what: string): number => {
    const pid = answers.nextPid++;
    calls.push(`start ${what} ${pid}`);
    owners.set(pid, slot);
    return pid;
  };
  const asProcess = (pid: number) => ({ pid, group: pid, startTicks: 1 });
  return {
    adopt: (slot) => void calls.push(`adopt ${slot}`),
    notification: () => null,
    startRun: (slot) => {
      const pid = start(slot, slot === "log" ? "log/run" : "run");
      const settings = { ...defaultSettings, ...answers.settings };
      return { kind: "runStarted", process: asProcess(pid), placement: "session", settings };
    },
    hasFinish: () => answers.hasFinish,
    startFinish: () => ({ kind: "finishStarted", process: asProcess(start("service", "finish")) }),
    hasScript: (letter) => answers.scripts.includes(letter),
    startScript: (letter) => (answers.canStartScripts ? start("service", `control/${letter}`) : null),
    signal: (pid, signal) => void calls.push(`signal ${signal} ${pid}`),
    startCheck: () => ({ kind: "checkStarted", process: asProcess(start("service", "check")) }),
    killGroup: ({ pid }) => void calls.push(`kill group of ${pid}`),
    lookBehind: () => ({ kind: "leftBehindFound", found: null, leadsSession: false }),
    hasLeftovers: (group) => {
      calls.push(`look for leftovers of ${group}`);
      return answers.hasLeftovers;
    },
    signalLeftovers: (group, _, signal) => void calls.push(`signal ${signal} leftovers of ${group}`),
    beforeReaping: () => {},
    groupOf: () => null,
    close: () => {},
    reaped: (pid) => {
      const slot = owners.get(pid) ?? null;
      owners.delete(pid);
      return slot;
    },
  };
}

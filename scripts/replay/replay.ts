import { decodeLine, toJson } from "../../packages/program/src/core/trace.ts";
import { difference } from "./difference.ts";

/** What a program does about an event. */
export type StepFunction = (
  state: unknown,
  event: unknown,
) => { readonly state: unknown; readonly effects: readonly unknown[] };

/** What came of a replay. */
export interface Replayed {
  readonly processes: number;
  readonly events: number;
  /** One line for each event after which something differs, or that cannot be replayed. */
  readonly differences: readonly string[];
}

interface Process {
  readonly program: string;
  readonly step: StepFunction;
  state: unknown;
}

/**
 * Feeds the events of a trace to the programs' steps. Each step begins with the recorded state, so that one difference
 * does not cause the next.
 *
 * @param steps the programs by name.
 */
export function replay(trace: string, steps: Readonly<Record<string, StepFunction>>): Replayed {
  const differences: string[] = [];
  const processes = new Map<number, Process | null>();
  let started = 0;
  let events = 0;
  for (const [at, text] of trace.split("\n").entries()) {
    if (text === "") continue;
    const tell = (what: string): void => void differences.push(`line ${at + 1}: ${what}`);
    const line = decodeLine(text);
    if (line === null) {
      tell("not of a trace");
    } else if ("program" in line) {
      started++;
      const step = steps[line.program];
      if (step === undefined) tell(`unknown program ${line.program}`);
      processes.set(line.pid, step === undefined ? null : { program: line.program, step, state: line.state });
    } else {
      const process = processes.get(line.pid);
      if (process === undefined) tell(`process ${line.pid} has not begun`);
      if (process === undefined || process === null) continue;
      events++;
      const found = compare(process, line.event, line.effects, line.state);
      if (found !== null) tell(`${process.program} (PID ${line.pid}), ${show(line.event)}: ${found}`);
      process.state = line.state;
    }
  }
  return { processes: started, events, differences };
}

function compare({ step, state }: Process, event: unknown, effects: unknown, after: unknown): string | null {
  try {
    const result = step(state, event);
    return (
      difference("effects", toJson(effects), toJson(result.effects)) ??
      difference("state", toJson(after), toJson(result.state))
    );
  } catch (error) {
    return `thrown: ${String(error)}`;
  }
}

function show(event: unknown): string {
  const { kind } = event as { readonly kind?: unknown };
  return typeof kind === "string" ? kind : "event";
}

import { layoutOf } from "./rows.ts";
import type { LogPane, Step, TopEvent, TopState } from "./state.ts";

/** How many lines of a log can be scrolled back to. */
const mostLines = 2000;

/** A pane that is open shows the log of the service that is selected. */
export function follow(state: TopState): Step {
  const { log, selected } = state;
  return log === null || selected === null || log.label === selected
    ? { state, effects: [] }
    : openPane(state, selected);
}

export function openPane(state: TopState, label: string): Step {
  const log = { label, lines: [], problem: null, back: 0 };
  return { state: { ...state, log }, effects: [{ kind: "follow", label }] };
}

/** Lines of another log than the one that is shown come too late. A pane that was scrolled back stays where it is. */
export function addLines(
  log: LogPane | null,
  { label, lines, problem }: TopEvent & { readonly kind: "logged" },
): LogPane | null {
  if (log === null || log.label !== label) return log;
  const all = [...log.lines, ...lines].slice(-mostLines);
  const back = log.back === 0 ? 0 : Math.min(log.back + lines.length, all.length - 1);
  return { ...log, lines: all, problem: all.length > 0 ? null : problem, back };
}

/** Scrolls the pane by so many lines; up is positive. */
export function scrollLog(state: TopState, lines: number): TopState {
  if (state.log === null) return state;
  const most = Math.max(0, state.log.lines.length - layoutOf(state).log);
  return { ...state, log: { ...state.log, back: Math.max(0, Math.min(most, state.log.back + lines)) } };
}

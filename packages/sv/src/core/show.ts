import type { Snapshot } from "@upkeep/client/core/json";
import { type Neighbour, type Picture, type ShownProcess, stateInAWord } from "@upkeep/client/core/picture";
import { describeEnd } from "@upkeep/client/core/report";
import type { RecordedEnd } from "@upkeep/supervise/core/history";
import { type StateDetails, timeOf } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";

import { duration, memory, processorTime } from "@upkeep/client/core/amounts";

/** How many ends, processes and lines are shown. */
const mostEnds = 5;
const mostProcesses = 20;

/** What lines are drawn on. */
export interface Paper {
  /** Puts a text of a service into a line: harmless, and no wider than the terminal. */
  readonly fit: (text: string) => string;
  /** Marks a state that somebody should look at, or one that is well. */
  readonly paint: (text: string, mood: "good" | "bad" | "plain") => string;
}

/** What the picture is drawn with. */
export interface Canvas extends Paper {
  readonly nowSeconds: number;
  /** Moments, in microseconds since 1970, for people. */
  readonly showTime: (micros: number) => string;
}

/** The whole picture of a service, in lines for people. */
export function renderPicture(picture: Picture, canvas: Canvas): readonly string[] {
  const { snapshot, needs, neededBy, settings, processes, ends, lastLines } = picture;
  const { label, path, state, log } = snapshot;
  const { fit } = canvas;
  const word = stateInAWord(snapshot);
  const mood = word === "failed" ? "bad" : word === "ready" || word === "up" || word === "done" ? "good" : "plain";
  const values = Object.entries(settings).map(([name, value]) => (value === "" ? name : `${name} ${value}`));
  const parts = [
    ...("record" in state ? describeState(state.record, state.details, canvas) : [row("state", state.message)]),
    row("normally", snapshot.isNormallyDown === true ? "down" : ""),
    row("waits for", neighbours(needs)),
    row("needed by", neighbours(neededBy)),
    row("settings", values.join(" · ")),
    row("log", log === undefined || log === null ? "" : stateInAWord(log)),
    ...list("processes", drawProcesses(processes, pidOf(snapshot))),
    ...list(
      "last ends",
      ends.slice(0, mostEnds).map((end) => describeLastEnd(end, canvas.nowSeconds)),
    ),
    ...list("last lines", lastLines),
    row("next", nextWords(snapshot, needs).join(" · ")),
  ];
  const head = `${canvas.paint("●", mood)} ${fit(`${label} - ${word}${path === null ? "" : ` - ${path}`}`)}`;
  return [head, ...parts.filter((part) => part !== "").map(fit)];
}

/** Columns of what stands before a value. */
const margin = 12;

function row(name: string, value: string): string {
  return value === "" ? "" : `${`${name}:`.padStart(margin)} ${value}`;
}

function list(name: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => (index === 0 ? row(name, line) : `${" ".repeat(margin)} ${line}`));
}

function describeState(
  record: StatusRecord,
  details: StateDetails,
  { nowSeconds, showTime }: Canvas,
): readonly string[] {
  const name = record.paused ? "paused" : record.state;
  const pid = record.pid === 0 ? "" : ` (pid ${record.pid})`;
  const since = `for ${duration(nowSeconds - record.since.seconds)}, since ${showTime(record.since.seconds * 1e6)}`;
  const next = timeOf(details.nextStart);
  const restarts = details.starts === null ? "" : `${Math.max(0, details.starts - 1)} restarts`;
  return [
    row("state", `${name}${pid} ${since}${restarts === "" ? "" : `, ${restarts}`}`),
    row("wanted", `${details.want ?? record.want}${record.gotTerm ? ", got TERM" : ""}`),
    row("ready", describeReadiness(details, record, nowSeconds)),
    row("failed", details.failed?.text ?? ""),
    row(
      "next start",
      next === null ? "" : next.seconds <= nowSeconds ? "now" : `in ${duration(next.seconds - nowSeconds)}`,
    ),
  ];
}

function describeReadiness(details: StateDetails, record: StatusRecord, nowSeconds: number): string {
  const { ready, readySince, readiness, waitingFor, waitingProblem } = details;
  if (waitingFor !== null && waitingFor.length > 0) {
    return `waits for ${waitingFor.join(" ")}${waitingProblem === null ? "" : ` (${waitingProblem})`}`;
  }
  if (readiness === null || record.state !== "run") return "";
  const since = timeOf(readySince);
  const long = since === null ? "" : ` for ${duration(nowSeconds - since.seconds)}`;
  return `${ready === true ? `yes${long}` : "no"}, as ${readiness} tells`;
}

function neighbours(all: readonly Neighbour[]): string {
  return all.map(({ name, state }) => `${name} (${state})`).join(", ");
}

function describeLastEnd(end: RecordedEnd, nowSeconds: number): string {
  const at = timeOf(end.at);
  const ago = at === null ? "" : `, ${duration(nowSeconds - at.seconds)} ago`;
  const ran = end.ranMillis < 1000 ? `${end.ranMillis} ms` : duration(end.ranMillis / 1000);
  return `${describeEnd(end) ?? "./run could not be started, or nobody saw its end"} after ${ran}${end.ready ? "" : ", not ready"}${ago}`;
}

function pidOf({ state }: Snapshot): number {
  return "record" in state ? state.record.pid : 0;
}

/** A line for each process: pid, processor time, memory, and the command behind its place in the tree. */
function drawProcesses(processes: readonly ShownProcess[], first: number): readonly string[] {
  const depths = new Map<number, number>();
  const lines = processes.slice(0, mostProcesses).map(({ pid, parent, cpuMillis, residentBytes, command }) => {
    const depth = pid === first ? 0 : (depths.get(parent) ?? 0) + 1;
    depths.set(pid, depth);
    const tree = depth === 0 ? "" : `${"  ".repeat(depth - 1)}└ `;
    return `${String(pid).padStart(7)} ${processorTime(cpuMillis).padStart(8)} ${memory(residentBytes).padStart(7)} ${tree}${command}`;
  });
  const left = processes.length - mostProcesses;
  return left > 0 ? [...lines, `and ${left} more`] : lines;
}

/** What to type next. */
function nextWords(snapshot: Snapshot, needs: readonly Neighbour[]): readonly string[] {
  const { label, state, log } = snapshot;
  if (!("record" in state)) return [`sv lint ${snapshot.path ?? label}`];
  const { record, details } = state;
  const late = needs.filter((one) => one.state !== "ready" && one.state !== "done" && one.state !== "up");
  const follow = log === null ? [] : [`sv log -f ${label}`];
  if (details.failed !== null) return [`sv log --run last ${label}`, `sv start ${label}`];
  if ((details.waitingFor?.length ?? 0) > 0) return late.map(({ name }) => `sv show ${name}`);
  if (record.state === "run") return [...follow, `sv restart ${label}`];
  return details.want === "down" || record.want === "down" ? [`sv start ${label}`] : follow;
}

import { fieldsOf, flagOf, numberOf, parseFields, textOf, type Fields } from "./json-fields.ts";
import type { RunState, StatusRecord } from "./status.ts";
import { compareTime, type WallTime } from "./tai64n.ts";

// The one codec of `state.json`. `runsv` writes the file; `sv`, the `runsv` of a dependant and the `runsv` that replaces a
// killed one read it. docs/supervise-directory.md describes each field.

/** Version of the schema. Within a version fields are only added. */
const version = 1;

/** Why a service is not started any more. */
export interface Failure {
  readonly reason: string;
  /** For people, one line: "3 failures within 10 seconds". */
  readonly text: string;
  /** ISO 8601. */
  readonly at: string | null;
}

/** How a `./run` ended: with a code, or by a signal's number. Neither is known of a process that was adopted. */
export interface LastEnd {
  readonly code: number | null;
  readonly signal: number | null;
  readonly core: boolean;
  /** ISO 8601. */
  readonly at: string | null;
  readonly ranMillis: number;
}

/**
 * How a service came up when its supervision began: in whole ms since the system's boot, a clock that nobody sets. They
 * stay as they are over later starts.
 */
export interface FirstReady {
  /** When `runsv` began. */
  readonly began: number;
  /** When `./run` was started first; null: not yet. */
  readonly started: number | null;
  /** When the service was ready, or a job done, for the first time; null: not yet. */
  readonly ready: number | null;
}

/** What `state.json` says of a service and not of a log. Null also stands for a field that the writer did not know. */
export interface ServiceDetails {
  readonly ready: boolean | null;
  readonly readySince: string | null;
  /** Null where an older `runsv` began. */
  readonly firstReady: FirstReady | null;
  /** How the service declares its readiness; null when it does not, or that is unknown. */
  readonly readiness: string | null;
  /** Always known of a service: a record without it is that of a log. */
  readonly satisfied: boolean | null;
  readonly waitingFor: readonly string[] | null;
  readonly waitingProblem: string | null;
  readonly failures: number | null;
  readonly failed: Failure | null;
  readonly critical: boolean | null;
  /** The process that a start has left running which exited 0 at once. */
  readonly leftBehind: { readonly pid: number; readonly name: string } | null;
}

/** What `state.json` tells everybody beyond the status record. */
export interface StateDetails extends ServiceDetails {
  readonly want: "up" | "down" | "exit" | null;
  /** Whether it is to be started once although it is wanted down. */
  readonly once: boolean | null;
  readonly processGroup: number | null;
  /** When the process started, in clock ticks since boot. */
  readonly startTicks: number | null;
  readonly starts: number | null;
  readonly lastExit: LastEnd | null;
  readonly nextStart: string | null;
}

/** An end of `./run` that somebody asked for: by a signal's number, by an exit with any code, or any end at all. */
export type AskedEnd = number | "exit" | "anything";

/** Where a `./run` stands among sessions and process groups: see `runsv/core/placement`. */
export type Placement = "session" | "group" | "shared";

/** What only the `runsv` that replaces a killed one needs. Times are monotonic, in whole ms. */
export interface Memory {
  /** Failures within the window of `restart-limit`. */
  readonly failures: readonly number[];
  /** The pause that a row of failures has grown to, in ms; null: none. */
  readonly delay: number | null;
  /** Not started before; null where the slot is not down. */
  readonly startAt: number | null;
  readonly soonestAt: number | null;
  /** Which ends of this `./run` somebody has asked for. */
  readonly asked: readonly AskedEnd[];
  /** Process group of the last `./run`. */
  readonly lastGroup: number | null;
  /** Where this `./run` stands; null where none runs, or that is unknown. */
  readonly placement: Placement | null;
  /** Where the next one is to stand, and whether a start has worked that way. */
  readonly placing: { readonly next: "session" | "group"; readonly isProven: boolean };
}

/** All that `state.json` says of one slot. */
export interface SlotRecord extends StateDetails {
  readonly state: RunState | null;
  /** ISO 8601. */
  readonly since: string | null;
  readonly paused: boolean | null;
  readonly gotTerm: boolean | null;
  readonly pid: number | null;
  /** Since boot, in ms: when the process group that is being ended was known to be that of `./run`. */
  readonly groupAt: number | null;
  readonly memory: Memory;
}

/** What a `runsv` says of itself, for the one that may replace it, and for a `runsvdir` that may take it over. */
export interface SupervisorIdentity {
  /** Null in the record of an older `runsv`. */
  readonly pid: number | null;
  /** When it started, in clock ticks since boot. */
  readonly startTicks: number | null;
  /** Pid and start (in clock ticks) of its parent; null where the parent cannot be seen. */
  readonly parent: string | null;
  /** Its own session and group: a `./run` under `no-setsid` is in both. */
  readonly session: number;
  readonly group: number;
}

/** A start that goes on record before the process exists. */
export interface StartRecord {
  readonly what: "run" | "finish";
  /** Since boot, in ms: the process cannot be older. */
  readonly at: number;
  /** ISO 8601. */
  readonly since: string | null;
  /** The slot at that moment; the rest of the file still says what it said before. */
  readonly slot: SlotRecord;
}

/** The whole of `state.json`. */
export interface StateRecord {
  /** Name of the service. */
  readonly name: string | null;
  readonly slot: SlotRecord;
  /** The run of the system that pids and ticks belong to: `systemRun` of `linux/process/process-info`. */
  readonly system: string | null;
  /** Device and inode of the service's supervise directory: renamed, it is the same one, and a copy is another. */
  readonly superviseDirectory: string | null;
  /** Inode of the pipe from the service to its log. */
  readonly logPipe: number | null;
  readonly supervisor: SupervisorIdentity | null;
  readonly starting: StartRecord | null;
}

/** Reads each field; anything may stand there. */
type Readers<Record> = { readonly [Key in keyof Record]: (value: unknown) => Record[Key] };

// The order of the fields here is that of the file.

const slotReaders: Readers<Omit<SlotRecord, keyof ServiceDetails | "memory">> = {
  state: (value) => (value === "down" || value === "run" || value === "finish" ? value : null),
  since: textOf,
  want: (value) => (value === "up" || value === "down" || value === "exit" ? value : null),
  paused: flagOf,
  gotTerm: flagOf,
  once: flagOf,
  pid: numberOf,
  processGroup: numberOf,
  startTicks: numberOf,
  groupAt: numberOf,
  starts: numberOf,
  lastExit: readLastEnd,
  nextStart: textOf,
};

const serviceReaders: Readers<ServiceDetails> = {
  ready: flagOf,
  readySince: textOf,
  firstReady: readFirstReady,
  readiness: textOf,
  satisfied: flagOf,
  waitingFor: (value) => (Array.isArray(value) ? value.map(String) : null),
  waitingProblem: textOf,
  failures: numberOf,
  failed: readFailure,
  critical: flagOf,
  leftBehind: readLeftBehind,
};

const allReaders: Readers<SlotRecord> = { ...slotReaders, ...serviceReaders, memory: readMemory };

/** What a log says of itself in the place of a service. */
export const noServiceDetails: ServiceDetails = readAll(serviceReaders, {});

/** What is known where there is no `state.json`. */
export const noDetails: StateDetails = readDetails({});

/** The text of the file: one line. */
export function encodeStateJson({ name, slot, starting, ...supervision }: StateRecord): string {
  const { system, superviseDirectory, logPipe, supervisor } = supervision;
  const kept = { system, superviseDirectory, logPipe, supervisor };
  const start = starting === null ? null : { ...starting, slot: { version, ...slotFields(starting.slot) } };
  return `${JSON.stringify({ version, name, ...slotFields(slot), ...kept, starting: start })}\n`;
}

/** Spelled out, since a loop over names would be the slowest part of a restart. */
function slotFields(slot: SlotRecord): SlotRecord | Omit<SlotRecord, keyof ServiceDetails> {
  const common: Omit<SlotRecord, keyof ServiceDetails | "memory"> = {
    state: slot.state,
    since: slot.since,
    want: slot.want,
    paused: slot.paused,
    gotTerm: slot.gotTerm,
    once: slot.once,
    pid: slot.pid,
    processGroup: slot.processGroup,
    startTicks: slot.startTicks,
    groupAt: slot.groupAt,
    starts: slot.starts,
    lastExit: slot.lastExit,
    nextStart: slot.nextStart,
  };
  const { memory } = slot;
  if (slot.satisfied === null) return { ...common, memory };
  const ofService: ServiceDetails = {
    ready: slot.ready,
    readySince: slot.readySince,
    firstReady: slot.firstReady,
    readiness: slot.readiness,
    satisfied: slot.satisfied,
    waitingFor: slot.waitingFor,
    waitingProblem: slot.waitingProblem,
    failures: slot.failures,
    failed: slot.failed,
    critical: slot.critical,
    leftBehind: slot.leftBehind,
  };
  return { ...common, ...ofService, memory };
}

/** Reads the text of the file; null when it is none, or of another version. What makes no sense in it reads as null. */
export function decodeStateJson(text: string): StateRecord | null {
  const found = parseFields(text);
  if (found === null || found["version"] !== version) return null;
  return {
    name: textOf(found["name"]),
    slot: readSlot(found),
    system: textOf(found["system"]),
    superviseDirectory: textOf(found["superviseDirectory"]),
    logPipe: numberOf(found["logPipe"]),
    supervisor: readSupervisor(found["supervisor"]),
    starting: readStart(found["starting"]),
  };
}

/** Whether the text of the file is of another version than ours. */
export function isOtherVersion(text: string): boolean {
  const found = parseFields(text)?.["version"];
  return typeof found === "number" && found !== version;
}

function readSlot(found: Fields): SlotRecord {
  return readAll(allReaders, found);
}

/** One object made field by field. */
function readAll<Part extends object>(readers: Readers<Part>, found: Fields): Part {
  const part: Record<string, unknown> = {};
  for (const key in readers) part[key] = readers[key](found[key]);
  // The type of the readers proves that each key gets a value of its type.
  return part as Part;
}

function readStart(value: unknown): StartRecord | null {
  const { what, at, since, slot } = fieldsOf(value) ?? {};
  const fields = fieldsOf(slot);
  if ((what !== "run" && what !== "finish") || typeof at !== "number" || !(at > 0)) return null;
  if (fields === null || fields["version"] !== version) return null;
  return { what, at, since: textOf(since), slot: readSlot(fields) };
}

function readSupervisor(value: unknown): SupervisorIdentity | null {
  const found = fieldsOf(value) ?? {};
  const session = numberOf(found["session"]);
  const group = numberOf(found["group"]);
  if (session === null || group === null) return null;
  const own = { pid: numberOf(found["pid"]), startTicks: numberOf(found["startTicks"]) };
  return { ...own, parent: textOf(found["parent"]), session, group };
}

function readLastEnd(value: unknown): LastEnd | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  return {
    code: numberOf(fields["code"]),
    signal: numberOf(fields["signal"]),
    core: fields["core"] === true,
    at: textOf(fields["at"]) ?? "",
    ranMillis: numberOf(fields["ranMillis"]) ?? 0,
  };
}

function readFailure(value: unknown): Failure | null {
  const fields = fieldsOf(value);
  if (fields === null) return null;
  return {
    reason: textOf(fields["reason"]) ?? "",
    text: textOf(fields["text"]) ?? "",
    at: textOf(fields["at"]) ?? "",
  };
}

function readLeftBehind(value: unknown): ServiceDetails["leftBehind"] {
  const { pid, name } = fieldsOf(value) ?? {};
  return typeof pid === "number" && typeof name === "string" ? { pid, name } : null;
}

function readFirstReady(value: unknown): FirstReady | null {
  const { began, started, ready } = fieldsOf(value) ?? {};
  const begin = positive(began);
  return begin === null ? null : { began: begin, started: positive(started), ready: positive(ready) };
}

function readMemory(value: unknown): Memory {
  const found = fieldsOf(value) ?? {};
  const { failures, asked, placement, placing } = found;
  const { next, isProven } = fieldsOf(placing) ?? {};
  const group = positive(found["lastGroup"]);
  return {
    failures: Array.isArray(failures) ? failures.map(positive).filter((at) => at !== null) : [],
    delay: positive(found["delay"]),
    startAt: positive(found["startAt"]),
    soonestAt: positive(found["soonestAt"]),
    asked: Array.isArray(asked) ? asked.filter(isAskedEnd) : [],
    lastGroup: Number.isSafeInteger(group) ? group : null,
    placement: placement === "session" || placement === "group" || placement === "shared" ? placement : null,
    placing: { next: next === "group" ? "group" : "session", isProven: isProven === true },
  };
}

function isAskedEnd(value: unknown): value is AskedEnd {
  return value === "exit" || value === "anything" || (Number.isInteger(value) && positive(value) !== null);
}

function positive(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : null;
}

/** What `state.json` shares with the status record: both must have been written of the same state. */
type Shared = Pick<StatusRecord, "since" | "pid"> & { readonly state: string };

/** Whether a slot is on record in the state that `status` tells of. Otherwise it is older, or another supervisor's. */
export function isOfStatus(slot: Pick<SlotRecord, keyof Shared>, { since, pid, state }: Shared): boolean {
  if (slot.state !== state || (slot.pid ?? 0) !== pid) return false;
  const own = timeOf(slot.since);
  return own !== null && compareTime(own, since) === 0;
}

/** Reads what the file tells everybody; null when it makes no sense, or is of another state than the status record. */
export function decodeDetails(text: string, record: Shared): StateDetails | null {
  const found = parseFields(text);
  if (found === null || found["version"] !== version) return null;
  const { state, since, pid } = slotReaders;
  const shared = { state: state(found["state"]), since: since(found["since"]), pid: pid(found["pid"]) };
  return isOfStatus(shared, record) ? readDetails(found) : null;
}

/** Spelled out, and without what only a `runsv` needs: a list of a thousand services reads a thousand. */
function readDetails(found: Fields): StateDetails {
  return {
    want: slotReaders.want(found["want"]),
    once: slotReaders.once(found["once"]),
    processGroup: slotReaders.processGroup(found["processGroup"]),
    startTicks: slotReaders.startTicks(found["startTicks"]),
    starts: slotReaders.starts(found["starts"]),
    lastExit: slotReaders.lastExit(found["lastExit"]),
    nextStart: slotReaders.nextStart(found["nextStart"]),
    ready: serviceReaders.ready(found["ready"]),
    readySince: serviceReaders.readySince(found["readySince"]),
    firstReady: serviceReaders.firstReady(found["firstReady"]),
    readiness: serviceReaders.readiness(found["readiness"]),
    satisfied: serviceReaders.satisfied(found["satisfied"]),
    waitingFor: serviceReaders.waitingFor(found["waitingFor"]),
    waitingProblem: serviceReaders.waitingProblem(found["waitingProblem"]),
    failures: serviceReaders.failures(found["failures"]),
    failed: serviceReaders.failed(found["failed"]),
    critical: serviceReaders.critical(found["critical"]),
    leftBehind: serviceReaders.leftBehind(found["leftBehind"]),
  };
}

/** The status record that goes with a slot's record; null where the latter has no time or no state. */
export function statusOf({ since, state, pid, want, paused, gotTerm }: SlotRecord): StatusRecord | null {
  const at = timeOf(since);
  if (at === null || state === null) return null;
  return {
    since: at,
    pid: pid ?? 0,
    state,
    want: want === "up" ? "up" : "down",
    paused: paused === true,
    gotTerm: gotTerm === true,
  };
}

/** A time of `state.json`, ISO 8601 in UTC with up to nine digits behind the point; null when it is none. */
export function timeOf(value: unknown): WallTime | null {
  const match = typeof value === "string" ? /^([^.]{19,22})(?:\.(\d{1,9}))?Z$/.exec(value) : null;
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1] ?? ""}Z`) / 1000;
  if (Number.isNaN(seconds)) return null;
  return { seconds, nanoseconds: Number((match?.[2] ?? "").padEnd(9, "0")) };
}

/** Farther from 1970, in seconds, no calendar goes. */
const lastSecond = 8.64e12;

/** A time as `state.json` has it, with microseconds; null where no calendar has it. */
export function isoTime({ seconds, nanoseconds }: WallTime): string | null {
  if (Math.abs(seconds) >= lastSecond) return null;
  const micros = String(Math.floor(nanoseconds / 1000)).padStart(6, "0");
  return new Date(seconds * 1000).toISOString().replace(/\.000Z$/, `.${micros}Z`);
}

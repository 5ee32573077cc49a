import { fieldsOf, numberOf, parseFields, textOf, type Fields } from "@upkeep/supervise/core/json-fields";
import { detailsOf, timeOf, type StateDetails } from "@upkeep/supervise/core/state-json";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { decodeMemory, type Memory } from "./memory.ts";

/** What a supervisor that was killed has left on record of a slot: `status`, and `state.json` of the same state. */
export interface Former {
  readonly record: StatusRecord;
  readonly details: StateDetails;
  readonly trace: Trace;
  /** What it was about to start; the rest is then of that moment. */
  readonly starting: Starting | null;
}

/** What `state.json` says for a successor alone. */
export interface Trace {
  readonly name: string | null;
  /** The run of the system that pids and ticks belong to; see `systemRun` of linux. */
  readonly system: string | null;
  /** Inode of the pipe from the service to its log. */
  readonly logPipe: number | null;
  /** Since boot, in ms: when the process group that is being ended was known to be that of `./run`. */
  readonly groupAt: number | null;
  readonly supervisor: SupervisorIdentity | null;
  readonly memory: Memory;
}

/** What a supervisor says of itself. */
export interface SupervisorIdentity {
  /** Pid and start (in clock ticks) of the process that had started it; null when it is not to be seen. */
  readonly parent: string | null;
  /** Its own, in which a `./run` without setsid is. */
  readonly session: number;
  readonly group: number;
}

/** A start that is on record before there is a process. */
export interface Starting {
  readonly what: "run" | "finish";
  /** Since boot, in ms: the process cannot be older. */
  readonly at: number;
  readonly since: WallTime;
  /** Its pid, where `status` tells it already. */
  readonly pid: number | null;
}

/** Where there is no object. */
const nothing: Fields = {};

/**
 * Reads both files of a slot; null when they make no sense.
 *
 * `status` is written first. Where it is of a later state, the supervisor was killed between the two: then `state.json`
 * counts, by which a process can be proved to be the one on record. That it was down is left to a file of the same state.
 */
export function decodeFormer(text: string, record: StatusRecord): Former | null {
  const found = parseFields(text) ?? nothing;
  const trace = traceOf(found);
  const details = detailsOf(found, record);
  const pid = details === null && record.pid > 0 ? record : null;
  const started = startOf(fieldsOf(found["starting"]) ?? nothing, trace, pid);
  if (started !== null) return started;
  if (details !== null) return { record, details: wantedBy(record, details), trace, starting: null };
  const own = recordOf(found);
  const ownDetails = own === null || own.state === "down" ? null : detailsOf(found, own);
  return own === null || ownDetails === null ? null : { record: own, details: ownDetails, trace, starting: null };
}

function traceOf(found: Fields): Trace {
  return {
    name: textOf(found["name"]),
    system: textOf(found["system"]),
    logPipe: numberOf(found["logPipe"]),
    groupAt: numberOf(found["groupAt"]),
    supervisor: supervisorOf(fieldsOf(found["supervisor"]) ?? nothing),
    memory: decodeMemory(found["memory"]),
  };
}

function supervisorOf(found: Fields): SupervisorIdentity | null {
  const session = numberOf(found["session"]);
  const group = numberOf(found["group"]);
  return session === null || group === null ? null : { parent: textOf(found["parent"]), session, group };
}

/**
 * What was known when something was about to be started; null when nothing was.
 *
 * @param status a later state, if that is on record already.
 */
function startOf({ what, at, since, slot }: Fields, trace: Trace, status: StatusRecord | null): Former | null {
  const then = timeOf(since);
  if ((what !== "run" && what !== "finish") || typeof at !== "number" || !(at > 0) || then === null) return null;
  const fields = fieldsOf(slot) ?? nothing;
  const record = recordOf(fields);
  const details = record === null ? null : detailsOf(fields, record);
  if (record === null || details === null || record.state !== (what === "run" ? "down" : "finish")) return null;
  const memory = decodeMemory(fields["memory"]);
  const newer = status?.state === what ? status : null;
  const starting = { what, at, since: then, pid: newer?.pid ?? null } as const;
  return { record, details: wantedBy(newer ?? record, details), trace: { ...trace, memory }, starting };
}

/** `status` is written first and counts, also where it is of the same state; but it does not know "exit". */
function wantedBy({ want }: StatusRecord, details: StateDetails): StateDetails {
  return { ...details, want: want === "up" || details.want === "up" ? want : details.want };
}

/** The status record that goes with such fields. */
function recordOf(found: Fields): StatusRecord | null {
  const since = timeOf(found["since"]);
  const state = found["state"];
  if (since === null || (state !== "down" && state !== "run" && state !== "finish")) return null;
  return {
    since,
    pid: numberOf(found["pid"]) ?? 0,
    state,
    want: found["want"] === "up" ? "up" : "down",
    paused: found["paused"] === true,
    gotTerm: found["gotTerm"] === true,
  };
}

import type { ServiceStatus } from "@upkeep/client/core/json";
import type { NeighbourState, ServicePicture } from "@upkeep/client/core/picture";
import type { Use } from "@upkeep/client/core/usage";

// What the server and those who ask it agree on. The page and the server both import this file, docs/web.md describes it,
// and the description in OpenAPI is made of the same schemas. Within a version fields are only added.

/**
 * Routes. ID is one segment of a path, as {@link ServiceEntry.id} has it: nobody needs to encode anything.
 *
 * | | |
 * |---|---|
 * | `GET /` and what it needs | the page; without a token |
 * | `GET /api/v1/session` | {@link Session}; without a token |
 * | `POST /api/v1/session` | signs in by `Authorization: Bearer TOKEN`; 204 and a cookie. `DELETE` signs out |
 * | `GET /api/v1/services` | {@link ServiceList} |
 * | `GET /api/v1/services/ID` | {@link ServiceDetail} |
 * | `GET /api/v1/services/ID/log` | lines: see {@link LogLineJson} |
 * | `POST /api/v1/services/ID/ACTION` | 202 and {@link Sent} |
 * | `GET /api/v1/events` | server-sent events: see {@link StateEvent} |
 * | `GET /metrics`, `/healthz`, `/healthz/ID` | for monitoring |
 * | `GET /api/v1/openapi.json`, `/api/v1/schema/NAME.json` | descriptions |
 */
export const apiPrefix = "/api/v1";

/** Every POST and DELETE must have this header, with any value. No other site can make a browser send it. */
export const controlHeader = "upkeep-control";

/** A scan directory that is shown. */
export interface DirectoryEntry {
  /** What stands before the colon in the {@link ServiceEntry.id} of its services, decoded; null where only one is shown. */
  readonly label: string | null;
  readonly path: string;
  /** Why its services cannot be listed. */
  readonly error: string | null;
}

/** A service in the list: the object of `sv status --json`, and more. */
export interface ServiceEntry extends ServiceStatus {
  /**
   * Names it in paths and events, and nothing else has it. It is the name, percent-encoded by its bytes; with several
   * directories behind `LABEL:`. Compare it as it is.
   */
  readonly id: string;
  /** {@link DirectoryEntry.path}. */
  readonly directory: string;
  /** The state in a word, as `sv graph` has it. */
  readonly condition: NeighbourState;
  /** Null where nothing runs, or nobody has measured yet. */
  readonly use: Use | null;
  /**
   * When it ended as {@link ServiceStatus.lastExit} says, in a row and the last time first, in whole seconds since 1970; 20 at
   * most. None where it is well, or has been up for a minute: then `GET services/ID` has them all.
   */
  readonly sameEnds: readonly number[];
}

/** A service with all that is known of it: the object of `sv show --json`, and more. */
export type ServiceDetail = ServiceEntry & ServicePicture;

/** The answer to `GET services`. */
export interface ServiceList {
  readonly version: 1;
  /** The server's clock, ISO 8601. */
  readonly time: string;
  /** Whether actions are allowed. */
  readonly mayControl: boolean;
  readonly directories: readonly DirectoryEntry[];
  /** In the order of the directories, then of the names. */
  readonly services: readonly ServiceEntry[];
}

/**
 * Event `state`: all there is. It is the first event, and comes again whenever the server cannot tell what is missing.
 *
 * The `id` of an event says how far its reader is. A reader that comes back with `Last-Event-ID` (EventSource does so by
 * itself) gets only what has changed since. A reader that is too slow skips what is in between, never the last of it.
 */
export type StateEvent = ServiceList;

/** Event `change`: what is different since the event before. */
export interface ChangeEvent {
  readonly time: string;
  /** Whole entries of services that are new or have changed. */
  readonly services: readonly ServiceEntry[];
  /** Ids of those that have gone. */
  readonly removed: readonly string[];
  /** All of them, if anything is different; else null. */
  readonly directories: readonly DirectoryEntry[] | null;
}

/** Event `use`: what services use whose entries have not changed. */
export interface UseEvent {
  readonly time: string;
  /** Id, percent of one processor, bytes, processes; or the id alone where nothing runs any more. */
  readonly uses: readonly UseRow[];
}

export type UseRow =
  | readonly [id: string, percent: number | null, residentBytes: number, processes: number]
  | readonly [id: string];

/** Event `beat`: nothing is new, and the server lives. */
export interface BeatEvent {
  readonly time: string;
}

/** Some event comes at least as often, in ms. */
export const beatMillis = 5000;

/**
 * A line of a log, as `sv log --json` has it, and from which stream it came.
 *
 * `GET log` answers with such objects, a line each (`application/x-ndjson`). For `Accept: text/event-stream` it answers with
 * events, and goes on with what comes; with `?format=text` with plain text to be saved. `?lines=N` (last lines; 200 for
 * events, else all), `?since=` and `?until=` (as for `sv log`), `?run=last|N` and `?contains=TEXT` choose lines; `?follow=1`
 * goes on also without events.
 */
export interface LogLineJson {
  /** The name of the service. */
  readonly service: string;
  /** ISO 8601 with microseconds; null where the logger writes no stamps. */
  readonly time: string | null;
  readonly line: string;
  /** True where it goes on in the next line. */
  readonly cut?: true;
  /**
   * `out`: what the log service got. `err`: standard error, of which runsv keeps the last lines of a start that failed
   * (`flag-keep-stderr`).
   */
  readonly stream: "out" | "err";
}

/**
 * Event `lines` of a log. Its `id` is a place in the log: `Last-Event-ID` goes on behind it, also if the log was rotated
 * meanwhile.
 */
export type LinesEvent = readonly LogLineJson[];

/** Event `reset` of a log, which has nothing to say: the lines that follow do not join those before, if there were any. */
export type ResetEvent = Readonly<Record<string, never>>;

/** Event `problem` of a log: why there is nothing. Lines may follow nevertheless. */
export interface ProblemEvent {
  readonly message: string;
}

/** The answer to `GET session`. */
export interface Session {
  readonly version: 1;
  /** The version of the suite. */
  readonly software: string;
  readonly needsToken: boolean;
  readonly isSignedIn: boolean;
  readonly mayControl: boolean;
}

/** The answer to an action: it was asked for. Events tell what comes of it. */
export interface Sent {
  readonly version: 1;
  readonly id: string;
  readonly action: string;
  /** The commands that were sent, as `supervise/control` takes them. */
  readonly commands: readonly string[];
}

/** What is wrong with a request; {@link errorStatus} says more. */
export type ErrorCode =
  | "bad-request"
  | "unauthorized"
  | "forbidden"
  | "not-found"
  | "method-not-allowed"
  | "not-supervised"
  | "too-large"
  | "misdirected"
  | "too-many"
  | "internal"
  | "unavailable";

/** The body of every answer that is an error. */
export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    /** For people, one line. */
    readonly message: string;
  };
}

/** Each with its HTTP status. */
export const errorStatus: Readonly<Record<ErrorCode, number>> = {
  /** The request makes no sense. */
  "bad-request": 400,
  /** No token, or a wrong one. */
  unauthorized: 401,
  /** Actions are not allowed, or the header is missing, or another site asks. */
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  /** There is no supervisor that could be asked. */
  "not-supervised": 409,
  "too-large": 413,
  /** Not a name of this server. */
  misdirected: 421,
  "too-many": 429,
  internal: 500,
  /** What the supervisor's files say cannot be read, or its FIFO cannot be written to, by this server's user. */
  unavailable: 503,
};

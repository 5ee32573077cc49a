import type { Snapshot } from "@upkeep/client/core/json";
import { isGettingReady, stateSince } from "@upkeep/client/core/health";

import type { DirectoryEntry } from "./api.ts";
import { wellFormed } from "./shown-name.ts";

/** What monitoring is told of a service. Null: not known, and then there is no sample. */
export interface ServiceFacts {
  readonly name: string;
  readonly directory: string;
  readonly snapshot: Snapshot;
  readonly cpuMillis: number | null;
  readonly residentBytes: number | null;
  readonly processes: number;
  readonly openFiles: number | null;
  readonly logBytes: number | null;
  readonly ends: ReadonlyMap<string, number>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all its samples. */
export interface Family {
  /** Without the `_total` of a counter. */
  readonly name: string;
  readonly help: string;
  readonly kind: "gauge" | "counter";
  readonly labels: readonly string[];
  readonly samples: readonly Sample[];
}

/** Reads a value from the facts; null: there is no sample. */
type Read = (facts: ServiceFacts, nowSeconds: number) => number | boolean | null;

const ofService = ["service", "directory"] as const;

const gauges: readonly (readonly [name: string, help: string, read: Read])[] = [
  [
    "upkeep_service_supervised",
    "Whether a runsv supervises the service.",
    ({ snapshot }) => "record" in snapshot.state,
  ],
  [
    "upkeep_service_up",
    "Whether its ./run runs.",
    ofRecord(({ record }) => record.state === "run" && record.pid !== 0),
  ],
  ["upkeep_service_wanted", "Whether it is wanted up.", ofRecord(({ record }) => record.want === "up")],
  [
    "upkeep_service_ready",
    "Whether it is ready, where it declares its readiness.",
    ofRecord(({ details }) => (details.readiness === null ? null : !isGettingReady(details) && details.ready)),
  ],
  [
    "upkeep_service_failed",
    "Whether it has failed for good, and nobody starts it again.",
    ofRecord(({ details }) => details.failed !== null),
  ],
  ["upkeep_service_paused", "Whether it was stopped by a signal.", ofRecord(({ record }) => record.paused)],
  [
    "upkeep_service_log_up",
    "Whether its log/run runs, where it has one.",
    ({ snapshot: { state, log } }) => ("record" in state ? isUp(log) : null),
  ],
  [
    "upkeep_service_state_seconds",
    "For how long it has been in its state.",
    ({ snapshot: { state } }, now) => {
      const since = "record" in state ? stateSince(state.record, state.details) : null;
      return since === null ? null : Math.max(0, now - since);
    },
  ],
  ["upkeep_service_processes", "How many processes it has.", ({ processes }) => processes],
  ["upkeep_service_resident_memory_bytes", "Resident memory of its processes.", ({ residentBytes }) => residentBytes],
  ["upkeep_service_open_files", "Open descriptors of its processes.", ({ openFiles }) => openFiles],
  ["upkeep_service_log_bytes", "Bytes of all files in its log directory.", ({ logBytes }) => logBytes],
];

const counters: readonly (readonly [name: string, help: string, read: Read])[] = [
  [
    "upkeep_service_restarts",
    "Starts of ./run after the first one, since its runsv began.",
    ofRecord(({ details }) => (details.starts === null ? null : Math.max(0, details.starts - 1))),
  ],
  [
    "upkeep_service_cpu_seconds",
    "Processor time of its processes, since this start of ./run.",
    ({ cpuMillis }) => (cpuMillis === null ? null : cpuMillis / 1000),
  ],
];

/** Null: there is no log service. One that nobody supervises does not run. */
function isUp(log: Snapshot | null | undefined): boolean | null {
  if (log === null || log === undefined) return null;
  return "record" in log.state && log.state.record.state === "run" && log.state.record.pid !== 0;
}

function ofRecord(
  read: (state: Extract<Snapshot["state"], { readonly record: unknown }>) => number | boolean | null,
): Read {
  return ({ snapshot: { state } }) => ("record" in state ? read(state) : null);
}

/**
 * All metrics. Labels are bounded: by the services that the directories hold now, the exit codes and signals of each, and
 * the directories that were named.
 */
export function familiesOf(
  services: readonly ServiceFacts[],
  directories: readonly DirectoryEntry[],
  version: string,
  nowSeconds: number,
): readonly Family[] {
  const family = (kind: "gauge" | "counter", [name, help, read]: readonly [string, string, Read]): Family => {
    const samples = services.flatMap((facts): readonly Sample[] => {
      const value = read(facts, nowSeconds);
      return value === null ? [] : [{ labels: labelsOf(facts), value: Number(value) }];
    });
    return { name, help, kind, labels: ofService, samples };
  };
  return [
    info(version),
    readable(directories),
    ...gauges.map((one) => family("gauge", one)),
    ...counters.map((one) => family("counter", one)),
    exits(services),
  ];
}

function labelsOf({ name, directory }: ServiceFacts): Readonly<Record<string, string>> {
  return { service: wellFormed(name), directory: wellFormed(directory) };
}

function exits(services: readonly ServiceFacts[]): Family {
  return {
    name: "upkeep_service_exits",
    help: "Ends of ./run by exit code or signal, since this server was asked first.",
    kind: "counter",
    labels: [...ofService, "code", "signal"],
    samples: services.flatMap((facts) =>
      [...facts.ends].map(([kind, value]): Sample => {
        const [what, number = ""] = kind.split(" ");
        const code = what === "code" ? number : what === "signal" ? "" : (what ?? "");
        return { labels: { ...labelsOf(facts), code, signal: what === "signal" ? number : "" }, value };
      }),
    ),
  };
}

function info(version: string): Family {
  return {
    name: "upkeep_build_info",
    help: "The version of the suite that tells.",
    kind: "gauge",
    labels: ["version"],
    samples: [{ labels: { version }, value: 1 }],
  };
}

function readable(directories: readonly DirectoryEntry[]): Family {
  return {
    name: "upkeep_directory_readable",
    help: "Whether the services of a scan directory can be listed.",
    kind: "gauge",
    labels: ["directory"],
    samples: directories.map(({ path, error }) => ({
      labels: { directory: wellFormed(path) },
      value: Number(error === null),
    })),
  };
}

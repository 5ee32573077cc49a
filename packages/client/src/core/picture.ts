import type { RecordedEnd } from "@upkeep/supervise/core/history";

import { isJobDone } from "./health.ts";
import { describeSnapshot, type ServiceStatus, type Snapshot } from "./json.ts";

/** A service that another one waits for, or that waits for it. */
export interface Neighbour {
  readonly name: string;
  /** In a word. */
  readonly state: NeighbourState;
}

export type NeighbourState = "ready" | "done" | "up" | "not ready" | "failed" | "down" | "missing" | "unknown";

/** A process of a service. */
export interface ShownProcess {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMillis: number;
  readonly residentBytes: number | null;
  readonly command: string;
}

/** What a service uses, with all its processes. */
export interface ServiceUsage {
  readonly cpuMillis: number;
  readonly residentBytes: number;
}

/** All that is known of a service. */
export interface Picture {
  readonly snapshot: Snapshot;
  readonly needs: readonly Neighbour[];
  readonly neededBy: readonly Neighbour[];
  /** The files of the service directory that mean something and are not always there, with their values. */
  readonly settings: Readonly<Record<string, string>>;
  /** A parent stands before its children. */
  readonly processes: readonly ShownProcess[];
  /** The last one first. */
  readonly ends: readonly RecordedEnd[];
  readonly lastLines: readonly string[];
}

/** A picture as an object: that of `sv status --json`, and more. docs/schema/sv-show.json describes it. */
export type ServicePicture = ServiceStatus & Omit<Picture, "snapshot">;

/** For programs. */
export function describePicture(picture: Picture, nowSeconds: number): ServicePicture {
  const { snapshot, ...others } = picture;
  return { ...describeSnapshot(snapshot, nowSeconds), ...others };
}

/** The state of a service in a word, as far as others care. */
export function stateInAWord({ state }: Snapshot): NeighbourState {
  if (!("record" in state)) return "unknown";
  const { record, details } = state;
  if (details.failed !== null) return "failed";
  if (isJobDone(record, details)) return "done";
  if (record.state !== "run") return "down";
  if (details.ready === null || details.readiness === null) return "up";
  return details.ready ? "ready" : "not ready";
}

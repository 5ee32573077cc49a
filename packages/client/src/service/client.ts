import { closeSync, statSync } from "node:fs";

import type { Command } from "@upkeep/supervise/core/command";
import { isSupervised, sendControl } from "@upkeep/supervise/fifo/client-end";
import { readStatusFile } from "@upkeep/supervise/files/status-file";
import type { StatusRecord } from "@upkeep/supervise/core/status";
import { findSupervise, listens, supervisePath } from "@upkeep/supervise/place/supervise-path";
import { errno, SystemError } from "@upkeep/linux/core/errno";
import { reachable } from "@upkeep/linux/fd/reach";

import { pathOfService } from "../core/service-path.ts";
import type { Trouble } from "../core/report.ts";

/** One service, or log service, as sv sees it. */
export interface Service {
  /** What it is called in reports. */
  readonly label: string;
  /** Path of its directory; null where the name given names nothing. */
  readonly path: string | null;
  /** The path as a name text, where {@link path} is another way there, because that is not UTF-8 or takes longer. */
  readonly place?: string;
  /** Only for a pattern that matches nothing: the directory in which it was looked for. */
  readonly unmatched?: string;
}

/** What is found where a service should be. */
export type Probe = Supervised | Unsupervised;

export interface Supervised {
  readonly kind: "supervised";
  readonly path: string;
  /** Path of its supervise directory. */
  readonly supervise: string;
  readonly record: StatusRecord;
}

export type Unsupervised =
  | { readonly kind: "not running" }
  /** There is no such service directory, or none that may be entered. */
  | { readonly kind: "no directory"; readonly errno: number }
  /** No service in this directory matches the pattern. */
  | { readonly kind: "no match"; readonly directory: string }
  /** A supervise directory that is missing, broken or not for us. */
  | { readonly kind: "unusable"; readonly message: string };

/** The service of a name as it was typed. */
export function serviceOf(label: string, directory: string): Service {
  const path = pathOfService(label, directory);
  return path === null ? { label, path } : serviceAt(label, path);
}

/** The service in the directory at a path, which is a name text. @param way another path to it: a shorter one. */
export function serviceAt(label: string, place: string, way: string = place): Service {
  if (!way.isWellFormed()) return { label, path: reachable(way), place };
  return way === place ? { label, path: place } : { label, path: way, place };
}

/** Closes the descriptor that the path of a service may need. It is of no use afterwards. */
export function release({ path, place }: Service): void {
  const held = place === undefined ? null : /^\/proc\/self\/fd\/(\d+)$/.exec(path ?? "");
  if (held !== null) closeSync(Number(held[1]));
}

/** The log service of the service that is in the directory at `path`. */
export function logServiceOf(label: string, path: string): Service {
  return { label: `${label}/log`, path: `${path}/log` };
}

/** Whether there is a supervisor, and what its status says. */
export function probe({ path, unmatched }: Service): Probe {
  if (unmatched !== undefined) return { kind: "no match", directory: unmatched };
  if (path === null) return { kind: "no directory", errno: errno.ENOENT };
  try {
    // With the slash and the dot this asks what chdir would: a directory that we may enter.
    statSync(`${path}/.`);
  } catch (error) {
    return { kind: "no directory", errno: SystemError.from("enter directory", error).errno };
  }
  return reading(() => {
    const { path: supervise, isListening } = findSupervise(path);
    // Where that could not be told, asking once more says why.
    if (!(isListening ?? isSupervised(`${supervise}/ok`, "supervise/ok"))) return { kind: "not running" };
    return readRecord(path, supervise);
  });
}

/**
 * The same. It first supposes that a supervisor listens in the service directory, which is then there, and asks no more if
 * so: for lists of many services.
 */
export function probeListening(service: Service): Probe {
  const { path, unmatched } = service;
  if (path === null || unmatched !== undefined) return probe(service);
  const supervise = `${path}/supervise`;
  return listens(supervise) === true ? reading(() => readRecord(path, supervise)) : probe(service);
}

function readRecord(path: string, supervise: string): Probe {
  const record = readStatusFile(`${supervise}/status`, "supervise/status");
  if (record === null) return { kind: "unusable", message: "unable to read supervise/status: bad format" };
  return { kind: "supervised", path, supervise, record };
}

/** Whether there is no directory at all, as for a service without a log service. */
export function isMissing(found: Probe): boolean {
  return found.kind === "no directory" && found.errno === errno.ENOENT;
}

/**
 * Sends commands to the supervisor of the service at `path`, all with one write.
 *
 * @returns null when they have been sent, otherwise what is there now.
 */
export function send(path: string, commands: readonly Command[]): Unsupervised | null {
  return reading(() =>
    sendControl(`${supervisePath(path)}/control`, "supervise/control", commands) ? null : { kind: "not running" },
  );
}

/** Why nothing can be said about a service. */
export function troubleOf(found: Unsupervised): Trouble {
  switch (found.kind) {
    case "not running":
      return { severity: "fail", message: "runsv not running" };
    case "no directory":
      return { severity: "fail", message: new SystemError("change to service directory", found.errno).message };
    case "no match":
      return { severity: "fail", message: `no service matches this pattern in ${found.directory}` };
    case "unusable":
      return { severity: "warning", message: found.message };
  }
}

/** Whether a file is in the directory at `path`. Throws SystemError when that cannot be told. */
export function hasFile(path: string, label: string, file: "check" | "down"): boolean {
  try {
    // Most have none, and to make an error of that would take longer than all else.
    return statSync(`${path}/${file}`, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw SystemError.from(`stat ${label}/${file}`, error);
  }
}

function reading<T>(read: () => T): T | { readonly kind: "unusable"; readonly message: string } {
  try {
    return read();
  } catch (error) {
    if (error instanceof SystemError) return { kind: "unusable", message: error.message };
    throw error;
  }
}

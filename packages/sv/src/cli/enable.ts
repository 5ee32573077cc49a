import { closeSync, lstatSync, statSync, symlinkSync, unlinkSync } from "node:fs";

import { type ControlTask, startTask, stopTask } from "@upkeep/client/core/commands";
import { renderTrouble } from "@upkeep/client/core/report";
import { pathOfService } from "@upkeep/client/core/service-path";
import { probe, type Service } from "@upkeep/client/service/client";
import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { isThere, openFresh } from "@upkeep/linux/fd/files";
import { reachable } from "@upkeep/linux/fd/reach";
import { lastNameOf, resolveName } from "@upkeep/linux/fd/resolve-name";

import type { Settings } from "../core/arguments.ts";
import { lockTree } from "../service/tree-lock.ts";
import { say } from "../show/console.ts";
import { controlServices } from "../wait/control.ts";

/** Where Debian and Void keep the services that can be enabled. */
const available = "/etc/sv";

/**
 * Starts services now and at each boot: links those that are not in the scan directory into it, removes their `down`
 * files, and starts those that have a supervisor. runsvdir starts the others.
 *
 * @returns how many of them failed.
 */
export async function enable(labels: readonly string[], settings: Settings): Promise<number> {
  return await change(labels, settings, { done: "enabled", task: startTask }, (label) => {
    const path = linkInto(label, settings.directory);
    removeDownFile(path, label);
    return path;
  });
}

/**
 * Stops services now and keeps them down at the next boot: makes `down` files, and stops those that have a
 * supervisor. Links stay in the scan directory, so the services are still listed.
 *
 * @returns how many of them failed.
 */
export async function disable(labels: readonly string[], settings: Settings): Promise<number> {
  return await change(labels, settings, { done: "disabled", task: stopTask }, (label) => {
    const path = requireDirectory(pathOfService(label, settings.directory));
    makeDownFile(path, label);
    return path;
  });
}

/** @param prepare changes the service directory, or the scan directory, and returns the service's path. */
async function change(
  labels: readonly string[],
  { directory, waitSeconds }: Settings,
  { done, task }: { readonly done: string; readonly task: ControlTask },
  prepare: (label: string) => string,
): Promise<number> {
  const unlock = await lockTree(directory);
  const prepared: Service[] = [];
  try {
    for (const label of labels) {
      try {
        prepared.push({ label, path: prepare(label) });
      } catch (error) {
        if (!(error instanceof SystemError || error instanceof Refusal)) throw error;
        say(renderTrouble(label, { severity: "fail", message: error.message }));
      }
    }
  } finally {
    await unlock();
  }
  const supervised = prepared.filter((service) => probe(service).kind === "supervised");
  for (const { label } of prepared.filter((service) => !supervised.includes(service))) say(`ok: ${label}: ${done}`);
  const failures = await controlServices(supervised, task, { waits: true, seconds: waitSeconds });
  return failures + labels.length - prepared.length;
}

/** A request that the system would grant but sv refuses. */
class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Links a service into the scan directory unless it is there. Returns the path of the entry. */
function linkInto(label: string, directory: string): string {
  const name = lastNameOf(label);
  const isPath = label.includes("/");
  const entry = pathOfService(name, directory);
  if (entry === null || name === "" || name.startsWith(".")) throw new Refusal("a service cannot have this name");
  const source = isPath ? resolveName(label) : `${available}/${name}`;
  if (isEntry(entry)) {
    const own = requireDirectory(entry);
    if (isPath && !isSame(requireDirectory(source), own)) throw new Refusal(`${entry} is another service`);
    return own;
  }
  if (!isPath && !isEntry(source)) {
    throw new Refusal(`unable to find it in ${directory} or ${available}: file does not exist`);
  }
  requireDirectory(source);
  attempt(`stat ${source}/run`, () => statSync(pathOfName(`${source}/run`)));
  attempt(`link ${entry} to ${source}`, () => symlinkSync(pathOfName(source), pathOfName(entry)));
  return requireDirectory(entry);
}

function isSame(...paths: readonly [string, string]): boolean {
  const [one, other] = paths.map((path) => statSync(path, { bigint: true }));
  return one?.dev === other?.dev && one?.ino === other?.ino;
}

/** Returns a path that can be joined, see {@link reachable}. */
function requireDirectory(path: string | null): string {
  if (path === null) throw new SystemError("change to service directory", errno.ENOENT);
  attempt("change to service directory", () => statSync(pathOfName(`${path}/.`)));
  return reachable(path);
}

function isEntry(path: string): boolean {
  return attempt(`stat ${path}`, () => lstatSync(pathOfName(path), { throwIfNoEntry: false })) !== undefined;
}

function removeDownFile(path: string, label: string): void {
  try {
    unlinkSync(`${path}/down`);
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) throw SystemError.from(`remove ${label}/down`, error);
  }
}

function makeDownFile(path: string, label: string): void {
  // Only a link that leads nowhere is replaced: to write through it would make a file wherever it says.
  if (isThere(`${path}/down`)) return;
  attempt(`create ${label}/down`, () => closeSync(openFresh(`${path}/down`, 0o644)));
}

import { closeSync, lstatSync, openSync, realpathSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, resolve } from "node:path";

import { attempt, errno, errnoOf, SystemError } from "@upkeep/linux/core/errno";

import { pathOfService, type Settings } from "../core/arguments.ts";
import { probe, type Service } from "../service/client.ts";
import { taskOf } from "../core/commands.ts";
import { say } from "../show/console.ts";
import { controlServices } from "../wait/control.ts";
import { renderTrouble } from "../core/report.ts";
import { lockTree } from "../service/tree-lock.ts";

/** Where Debian and Void keep the services that may be enabled. */
const available = "/etc/sv";

/**
 * Has services started now and at each boot: links those that are not in the scan directory into it, removes
 * their `down` files, and starts those that are supervised already. The others are their scanner's.
 *
 * @returns how many of them failed.
 */
export async function enable(labels: readonly string[], settings: Settings): Promise<number> {
  return await change(labels, settings, "enabled", "start", (label) => {
    const path = linkInto(label, settings.directory);
    removeDownFile(path, label);
    return path;
  });
}

/**
 * Has services stopped now, and not started at the next boot: makes a `down` file, and stops those that are
 * supervised. What was linked stays so, and is still listed.
 *
 * @returns how many of them failed.
 */
export async function disable(labels: readonly string[], settings: Settings): Promise<number> {
  return await change(labels, settings, "disabled", "stop", (label) => {
    const path = requireDirectory(pathOfService(label, settings.directory));
    makeDownFile(path, label);
    return path;
  });
}

async function change(
  labels: readonly string[],
  settings: Settings,
  done: string,
  word: "start" | "stop",
  prepare: (label: string) => string,
): Promise<number> {
  const unlock = await lockTree(settings.directory);
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
  const task = taskOf(word, "sv");
  const failures =
    task?.kind === "control"
      ? await controlServices(supervised, task, { waits: true, seconds: settings.waitSeconds })
      : 0;
  return failures + labels.length - prepared.length;
}

/** What is refused although the system would do it. */
class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Links a service into the scan directory unless it is there; returns the path of its directory in there. */
function linkInto(label: string, directory: string): string {
  const name = basename(resolve(label));
  const isPath = label.includes("/");
  const entry = pathOfService(name, directory);
  if (entry === null || name === "" || name.startsWith(".")) throw new Refusal("a service cannot have this name");
  const source = isPath ? resolve(label) : `${available}/${name}`;
  if (isEntry(entry)) {
    const own = requireDirectory(entry);
    if (isPath && requireDirectory(source) !== "" && realpathSync(source) !== realpathSync(own)) {
      throw new Refusal(`${entry} is another service`);
    }
    return own;
  }
  if (!isPath && !isEntry(source)) {
    throw new Refusal(`unable to find it in ${directory} or ${available}: file does not exist`);
  }
  requireDirectory(source);
  attempt(`stat ${source}/run`, () => statSync(`${source}/run`));
  attempt(`link ${entry} to ${source}`, () => symlinkSync(source, entry));
  return entry;
}

function requireDirectory(path: string | null): string {
  if (path === null) throw new SystemError("change to service directory", errno.ENOENT);
  attempt("change to service directory", () => statSync(`${path}/.`));
  return path;
}

function isEntry(path: string): boolean {
  return attempt(`stat ${path}`, () => lstatSync(path, { throwIfNoEntry: false })) !== undefined;
}

function removeDownFile(path: string, label: string): void {
  try {
    unlinkSync(`${path}/down`);
  } catch (error) {
    if (errnoOf(error) !== errno.ENOENT) throw SystemError.from(`remove ${label}/down`, error);
  }
}

function makeDownFile(path: string, label: string): void {
  attempt(`create ${label}/down`, () => closeSync(openSync(`${path}/down`, "a", 0o644)));
}

import { lstatSync, readdirSync, statSync, type Stats } from "node:fs";
import { basename, dirname, resolve } from "node:path";

import { attempt } from "@upkeep/linux/core/errno";
import { nameOf, pathOfName } from "@upkeep/linux/core/name-text";
import { isThere, readTextOrNull } from "@upkeep/linux/fd/files";

import { interpreterOf } from "../core/rules/scripts.ts";
import type { FileSnapshot, ServiceSnapshot, Snapshot } from "../core/snapshot.ts";

/** The directories of a service whose files rules look at. */
const rooms = ["", "log/", "control/", "log/control/", "dependencies.d/"] as const;
const others = ["supervise/history.json", ".meta/logscript"] as const;
/** A directory with more entries is none of a service. */
const mostFiles = 500;

/** Where things are that service directories only name. */
export interface Surroundings {
  /** The directory that is `/` for the services. */
  readonly root: string;
  readonly isReadOnly: boolean;
}

/**
 * Reads directories, each of which is a service directory or holds some. Nothing is executed. Throws SystemError where one
 * cannot be read.
 */
export function takeSnapshot(directories: readonly string[], { root, isReadOnly }: Surroundings): Snapshot {
  const services = directories.flatMap(readServices);
  const texts = services.flatMap(({ files }) => [...files.values()].map(({ text }) => text ?? ""));
  const interpreters = texts.map(interpreterOf).filter((path) => path !== null && isThere(`${root}${path}`));
  return { services, interpreters: new Set(interpreters as string[]), users: readUsers(root), isReadOnly };
}

function readServices(path: string): readonly ServiceSnapshot[] {
  const directory = path.replace(/(?<=.)\/+$/, "");
  const names = listNames(directory);
  if (isService(directory, names)) {
    const whole = resolve(directory);
    return [readService(directory, basename(whole), siblingsOf(dirname(whole)))];
  }
  const siblings = new Set(names);
  return names
    .filter((name) => !name.startsWith(".") && mayBeService(`${directory}/${name}`))
    .map((name) => readService(`${directory}/${name}`, name, siblings));
}

/** What `runsvdir` would start a `runsv` for, and links to nothing, which are meant to be that. */
function mayBeService(path: string): boolean {
  return statOrNull(path)?.isDirectory() ?? true;
}

/** Without `run`, what else is there tells. */
function isService(directory: string, names: readonly string[]): boolean {
  const isFile = (name: string): boolean =>
    names.includes(name) && statOrNull(`${directory}/${name}`)?.isDirectory() === false;
  return isFile("run") || isFile("finish") || isFile("down") || isThere(`${directory}/log/run`);
}

function siblingsOf(directory: string): ReadonlySet<string> {
  try {
    return new Set(listNames(directory));
  } catch {
    return new Set();
  }
}

function listNames(directory: string): readonly string[] {
  const list = (): readonly string[] =>
    readdirSync(pathOfName(directory), { encoding: "buffer" }).map(nameOf).toSorted();
  return attempt(`open directory ${directory}`, list);
}

function readService(path: string, name: string, siblings: ReadonlySet<string>): ServiceSnapshot {
  const files = new Map<string, FileSnapshot>();
  files.set(".", readFile(path));
  for (const room of rooms) {
    for (const entry of entriesOf(`${path}/${room}`)) files.set(`${room}${entry}`, readFile(`${path}/${room}${entry}`));
  }
  for (const file of others) if (isThere(`${path}/${file}`)) files.set(file, readFile(`${path}/${file}`));
  return { name, path, files, siblings };
}

function entriesOf(directory: string): readonly string[] {
  try {
    return listNames(directory)
      .filter((name) => !name.startsWith("."))
      .slice(0, mostFiles);
  } catch {
    return [];
  }
}

function readFile(path: string): FileSnapshot {
  const found = statOrNull(path);
  const isLink = lstatSync(pathOfName(path), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (found === null) return { kind: "nothing", isLink, mode: 0, text: null, changed: 0 };
  const kind = found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
  const text = kind === "file" ? readTextOrNull(pathOfName(path), { mayBeLink: true }) : null;
  const isText = text !== null && !text.includes("\0");
  return { kind, isLink, mode: found.mode & 0o7777, text: isText ? text : null, changed: found.mtimeMs };
}

function statOrNull(path: string): Stats | null {
  try {
    return statSync(pathOfName(path));
  } catch {
    return null;
  }
}

/** Null without the file: another source may know users. */
function readUsers(root: string): ReadonlySet<string> | null {
  const text = readTextOrNull(`${root}/etc/passwd`, { mayBeLink: true, limit: 1 << 20 });
  return text === null ? null : new Set(text.split("\n").map((line) => line.split(":", 1)[0] ?? ""));
}

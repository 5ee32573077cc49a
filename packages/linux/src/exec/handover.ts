import { Buffer } from "node:buffer";
import { closeSync, fstatSync, readFileSync, readlinkSync } from "node:fs";

import { handoverVariable, type EnvironmentEntry } from "./environment.ts";
import type { Pipe } from "../fd/pipe.ts";

// What a program that was executed anew in its own place finds of the one before: see renewal.ts. Both are one process,
// and so this belongs to the process, as its environment does.

/** Of one process, to itself. */
interface Handover {
  /** Whose it is. A child that is given the variable by mistake must not believe it. */
  readonly pid: number;
  /** The descriptors that were kept open. */
  readonly kept: readonly number[];
  /** What the programs agree on. */
  readonly content: unknown;
}

/** A handover, and the descriptor that it was read from. */
interface Found extends Handover {
  readonly fd: number;
}

let found: Found | null | undefined;
/** The kept descriptors that nobody has taken. */
const untaken = new Set<number>();
/** One of the kept descriptors that lead to a file or pipe. */
const byFile = new Map<string, number>();

/** What the program before has handed over; null where this process has just begun. */
export function handedOver(): unknown {
  return find()?.content ?? null;
}

/** The descriptors that were kept open, and the one of the handover itself. They are close-on-exec from the start on. */
export function keptDescriptors(): readonly number[] {
  const handover = find();
  return handover === null ? [] : [handover.fd, ...handover.kept];
}

/** The environment entry by which the handover is found once more. */
export function handoverEntries(): readonly EnvironmentEntry[] {
  const handover = find();
  return handover === null ? [] : [handoverEntry(handover.fd)];
}

export function handoverEntry(fd: number): EnvironmentEntry {
  return Buffer.from(`${handoverVariable}=${fd}`);
}

/** The text of a handover. */
export function encodeHandover(kept: readonly number[], content: unknown): string {
  return JSON.stringify({ pid: process.pid, kept, content } satisfies Handover);
}

/** Takes a kept descriptor, which belongs to the caller from now on; false where it was not kept, or is taken. */
export function takeKept(fd: number): boolean {
  find();
  return untaken.delete(fd);
}

/** Takes both ends of a kept pipe; null where one was not kept, or is taken. */
export function takeKeptPipe(pipe: Pipe | null): Pipe | null {
  if (pipe === null) return null;
  const taken = [takeKept(pipe.read), takeKept(pipe.write)];
  return taken.includes(false) ? null : pipe;
}

/** A kept descriptor that leads to the same file; null without one. */
export function keptTwin(fd: number): number | null {
  return find() === null ? null : untakenAs(fileOf(fd));
}

/** A kept descriptor of the pipe with that inode number; null without one. */
export function keptPipe(inode: number): number | null {
  return find() === null ? null : untakenAs(`pipe:[${inode}]`);
}

function untakenAs(file: string): number | null {
  const fd = byFile.get(file);
  return fd !== undefined && untaken.has(fd) ? fd : null;
}

/** Closes the kept descriptors that nobody has taken. Whatever was to be opened again is open by then. */
export function closeKept(): void {
  for (const fd of untaken) closeSync(fd);
  untaken.clear();
}

function find(): Found | null {
  if (found !== undefined) return found;
  found = read();
  if (found === null) return null;
  untaken.add(found.fd);
  for (const fd of found.kept) {
    untaken.add(fd);
    byFile.set(fileOf(fd), fd);
  }
  return found;
}

function read(): Found | null {
  const fd = descriptor();
  if (fd === null) return null;
  try {
    const text = readFileSync(`/proc/self/fd/${fd}`, "utf8");
    const { pid, kept, content } = JSON.parse(text) as Partial<Handover>;
    if (pid !== process.pid || !Array.isArray(kept) || !kept.every(Number.isInteger)) return null;
    return { fd, pid, kept, content };
  } catch {
    return null;
  }
}

function descriptor(): number | null {
  const text = process.env[handoverVariable] ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** A name of the file or pipe that a descriptor leads to. */
function fileOf(fd: number): string {
  try {
    const file = fstatSync(fd);
    const target = file.isFIFO() ? readlinkSync(`/proc/self/fd/${fd}`) : "";
    return target.startsWith("pipe:") ? target : `${file.dev}:${file.ino}`;
  } catch {
    return "";
  }
}

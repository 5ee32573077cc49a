import { execFileSync } from "node:child_process";
import { constants, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { isErrno } from "../process/processes.ts";
import type { TestRig } from "../core/test-rig.ts";

/** Makes a log directory with this text as its `config`; returns its path. */
export function logDirectory(rig: TestRig, name: string, config: string): string {
  const path = rig.path(name);
  mkdirSync(path);
  writeFileSync(join(path, "config"), config);
  return path;
}

/** Names of the old logs in a log directory, the oldest first. Where a log is there processed, its `.u` is left out. */
export function oldLogs(path: string): readonly string[] {
  const names = readdirSync(path).filter((name) => /^@[0-9a-f]{24}\.[su]$/.test(name));
  return names.filter((name) => !names.includes(name.replace(/u$/, "s")) || name.endsWith("s")).toSorted();
}

/** Content of a log, empty when it is not there. What gzip has made of it is unpacked. */
export function readLog(path: string): Buffer {
  try {
    return unpacked(readFileSync(path));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return Buffer.alloc(0);
    throw error;
  }
}

/** Lines may begin as what gzip makes does, too: these are left as they are. */
function unpacked(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    return bytes;
  }
}

/** The contents of the old logs, the oldest first, and of `current`. */
export function readLogs(path: string): readonly Buffer[] {
  return [...oldLogs(path), "current"].map((name) => readLog(join(path, name)));
}

/** Bytes in the old logs and in `current`; fewer while it is being rotated. */
export function sizeOfLogs(path: string): number {
  const sizes = [...oldLogs(path), "current"].map(
    (name) => statSync(join(path, name), { throwIfNoEntry: false })?.size,
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** The input of one svlogd after another, like the pipe that runsv keeps. It ends when `writer` is closed and no other is left. */
export interface InputPipe {
  readonly path: string;
  readonly reader: number;
  readonly writer: number;
}

export function makePipe(rig: TestRig, name = "pipe"): InputPipe {
  const path = rig.path(name);
  execFileSync("mkfifo", [path]);
  // Opened for both, so that it does not wait for the other side.
  const writer = openSync(path, constants.O_RDWR);
  return { path, reader: openSync(path, constants.O_RDONLY), writer };
}

/** Prefix under which a command writes to a file. */
export function writingTo(path: string): readonly string[] {
  return ["sh", "-c", `exec "$@" >${path}`, "sh"];
}

/** The script that writes numbered lines: see its head. */
export const producer: string = join(import.meta.dirname, "../../../bench/src/logging/producer.pl");

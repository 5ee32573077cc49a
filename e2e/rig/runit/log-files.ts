/* The logs of a log directory as bytes; gzip is unpacked. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { repositoryRoot } from "../core/files.ts";
import { isErrno } from "../process/processes.ts";

/** Names of the old logs in a log directory, the oldest first: each log once, processed (`.s`) or else not yet (`.u`). */
export function keptLogs(path: string): readonly string[] {
  const names = readdirSync(path).filter((name) => /^@[0-9a-f]{24}\.[su]$/.test(name));
  return names.filter((name) => !names.includes(name.replace(/u$/, "s")) || name.endsWith("s")).toSorted();
}

/** Content of a log, unpacked; empty when it is not there. */
export function readLog(path: string): Buffer {
  try {
    return unpacked(readFileSync(path));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return Buffer.alloc(0);
    throw error;
  }
}

/** Lines that only begin like gzip's output stay as they are. */
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
  return [...keptLogs(path), "current"].map((name) => readLog(join(path, name)));
}

/** Bytes in the old logs and in `current`; fewer while it is being rotated. */
export function sizeOfLogs(path: string): number {
  const sizes = [...keptLogs(path), "current"].map(
    (name) => statSync(join(path, name), { throwIfNoEntry: false })?.size,
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** The script that writes numbered lines: see its head. */
export const producer: string = join(repositoryRoot, "bench/src/logging/producer.pl");

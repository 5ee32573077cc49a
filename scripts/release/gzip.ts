import { execa, execaSync } from "execa";

// Not by zlib of Node: what that makes depends on what the processor can do.

/** The name and the time of a file would be in what comes of it. */
const optionsOf = (level: number): readonly string[] => ["--no-name", `-${Math.max(1, level)}`];

/** Compresses what is small, such as a page of the manual. */
export function gzipSmall(content: Uint8Array, level: number): Uint8Array {
  return execaSync("gzip", optionsOf(level), { input: content, encoding: "buffer" }).stdout;
}

/**
 * Compresses a large file in its place, and returns the path of what comes of it. It goes through no pipe: on a busy
 * machine that would take a turn of both sides for every few kilobytes.
 */
export async function gzipFile(path: string, level: number): Promise<string> {
  await execa("gzip", [...optionsOf(level), path], { stdin: "ignore" });
  return `${path}.gz`;
}

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isErrno } from "../process/processes.ts";

/** The root of the repository; the built commands are found below it. */
export const repositoryRoot: string = resolve(import.meta.dirname, "../../..");

/** What tests keep on the disk, some of it for later runs. */
export const cacheDirectory: string = join(repositoryRoot, ".cache");

/** Content of a file; empty when it is not there. */
export function contentOf(path: string, encoding: BufferEncoding = "utf8"): string {
  try {
    return readFileSync(path, encoding);
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return "";
    throw error;
  }
}

/** The text of a script of sh with these lines. */
export function shellScript(...lines: readonly string[]): string {
  return ["#!/bin/sh", ...lines, ""].join("\n");
}

/** The beginning of a text's checksum, for names that must differ when the text does. */
export function digest(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

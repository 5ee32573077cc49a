import { Buffer } from "node:buffer";
import { resolve } from "node:path";

import { bytesOfName, nameOf } from "../core/name-text.ts";

/** As `resolve` of node:path, also for a name text that is not UTF-8: of that, Bun's own would lose bytes. */
export function resolveName(path: string): string {
  if (path.isWellFormed()) return resolve(path);
  const asBytes = (text: string): string => bytesOfName(text).toString("latin1");
  return nameOf(Buffer.from(resolve(asBytes(resolve(".")), asBytes(path)), "latin1"));
}

/** The directory that a path is in: as `dirname` of its resolved path. */
export function directoryOf(path: string): string {
  return resolveName(path).replace(/\/[^/]*$/, "") || "/";
}

/** The last name of a path: as `basename`. The system is asked only where the path does not say. */
export function lastNameOf(path: string): string {
  const last = nameAfterSlash(path.replace(/\/+$/, ""));
  return ["", ".", ".."].includes(last) ? nameAfterSlash(resolveName(path)) : last;
}

function nameAfterSlash(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

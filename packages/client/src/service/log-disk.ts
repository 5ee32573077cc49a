import { readdirSync, statfsSync, statSync } from "node:fs";

import { readTextOrNull } from "@upkeep/linux/fd/files";

import { isOutOfSpace } from "../core/health.ts";

const accessMode = 0o3;

/**
 * Whether a file that this process writes to is on a disk without space. False as well where we may not look: without
 * the process's user or root.
 *
 * The files tell what no name does: `log/run` alone knows its log directories, and may see other mounts.
 */
export function writesToFullDisk(pid: number): boolean {
  try {
    const isRoot = statSync(`/proc/${pid}`).uid === 0;
    return readdirSync(`/proc/${pid}/fd`).some((fd) => isFull(pid, fd, isRoot));
  } catch {
    return false;
  }
}

function isFull(pid: number, fd: string, isRoot: boolean): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readTextOrNull(`/proc/${pid}/fdinfo/${fd}`) ?? "")?.[1];
  if (flags === undefined || (Number.parseInt(flags, 8) & accessMode) === 0) return false;
  const path = `/proc/${pid}/fd/${fd}`;
  try {
    return statSync(path).isFile() && isOutOfSpace(statfsSync(path), isRoot);
  } catch {
    // It has been closed.
    return false;
  }
}

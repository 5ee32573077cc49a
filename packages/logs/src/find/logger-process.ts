import { readdirSync, readFileSync } from "node:fs";

import { readLinkOrNull } from "@upkeep/linux/fd/files";
import { listProcesses } from "@upkeep/linux/process/process-info";

import { loggerIn, type LoggerCommand } from "../core/logger-command.ts";

/** A logger that runs. */
export interface LoggerProcess extends LoggerCommand {
  readonly pid: number;
}

/**
 * The logger that runs as a process or below it, with its log directories. The files that it holds open tell where those
 * are. Only its user and root may see them; for others its command line tells.
 *
 * @param directory where it was started.
 */
export function findLoggerProcess(pid: number, directory: string): LoggerProcess | null {
  for (const one of [pid, ...descendantsOf(pid)]) {
    const command = loggerIn(wordsOf(one));
    if (command === null) continue;
    const open = openDirectories(one);
    const base = readLinkOrNull(`/proc/${one}/cwd`) ?? directory;
    const named = command.directories.map((name) => (name.startsWith("/") ? name : `${base}/${name}`));
    return { ...command, pid: one, directories: open.length > 0 ? open : named };
  }
  return null;
}

function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

function descendantsOf(pid: number): readonly number[] {
  const all = listProcesses();
  const found = [pid];
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one).map((child) => child.pid));
  return found.slice(1);
}

/** The directories in which it holds `lock` open, as all three loggers do. */
function openDirectories(pid: number): readonly string[] {
  try {
    const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => readLinkOrNull(`/proc/${pid}/fd/${fd}`) ?? "");
    const locks = targets.filter((target) => target.endsWith("/lock") && !target.endsWith("/supervise/lock"));
    return [...new Set(locks.map((target) => target.slice(0, -"/lock".length)))];
  } catch {
    return [];
  }
}

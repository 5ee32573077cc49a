import { writeText } from "@upkeep/program/output";
import type { StatusRecord } from "@upkeep/supervise/status-record";
import { SystemError } from "@upkeep/syscalls/errno";

import { hasDownFile } from "./client.ts";
import { renderStatus } from "./report.ts";

/** Says a line of result on stdout, where runit's sv has even its complaints about services. */
export function say(line: string): void {
  writeText(1, `${line}\n`);
}

/** Warns on stderr of what is wrong beside the services asked for. */
export function warn(message: string): void {
  writeText(2, `warning: ${message}\n`);
}

/**
 * The status line of a service as of now. A `down` file that cannot be looked for is warned of, and
 * the line goes without saying what is normal.
 *
 * @param name what the line calls it. @param label what the warning calls it.
 */
export function describeService(path: string, record: StatusRecord, name: string, label: string = name): string {
  let isNormallyDown: boolean | null = null;
  try {
    isNormallyDown = hasDownFile(path, label);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    warn(error.message);
  }
  return renderStatus(name, record, { nowSeconds: Math.floor(Date.now() / 1000), isNormallyDown });
}

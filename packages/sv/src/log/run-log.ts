import { openReader } from "@upkeep/client/log/open-reader";
import { rangeOf } from "@upkeep/client/log/runs";
import { type Service, troubleOf, type Unsupervised } from "@upkeep/client/service/client";
import { readLastWords } from "@upkeep/client/service/history";
import { allServices } from "@upkeep/client/service/scan-directory";
import { findLog } from "@upkeep/logs/find/find-log";
import { createSystemZone } from "@upkeep/logs/find/system-zone";
import type { Zone } from "@upkeep/logs/core/zone";
import { createTimeText } from "@upkeep/logs/core/time-text";
import { parseWhen } from "@upkeep/logs/core/when";
import { isThere } from "@upkeep/linux/fd/files";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { errno, SystemError } from "@upkeep/linux/core/errno";

import { createLineWriter, type LogLine, type LineStyle } from "../core/log-line.ts";
import { type LogRequest, readLogRequest } from "./log-request.ts";
import { servicesOf } from "../service/scan-directory.ts";
import { warn } from "../show/console.ts";
import { createOutputBuffer } from "./output-buffer.ts";
import { showLines, type ShownLog } from "./show-lines.ts";

/**
 * `sv log`: shows what services have logged.
 *
 * @returns the exit code: how many services have no log that can be read.
 */
export async function runLog(words: readonly string[], scanDirectory: string): Promise<number> {
  const zone = createSystemZone();
  const request = readLogRequest(words, (text) => parseWhen(text, Date.now(), zone));
  const isForAll = request.services.length === 0;
  const services = isForAll ? allServices(scanDirectory) : servicesOf(request.services, scanDirectory);
  const output = createOutputBuffer();
  const style = styleOf(request, services, zone);
  const logs: ShownLog[] = [];
  let failures = 0;
  for (const [index, service] of services.entries()) {
    const write = createLineWriter(service.label, index, style, output);
    try {
      const log = await openLog(service, request, zone, { complain: isForAll ? () => {} : warn, write });
      if (log !== null) logs.push({ ...log, write });
      // Of all services, some will have no log: that is how they were made.
      else if (!isForAll) failures += 1;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(`${service.label}: ${error.message}`);
      failures += 1;
    }
  }
  if (isForAll && logs.length === 0) warn(`no log found of any service in ${scanDirectory}`);
  await showLines(logs, request, output);
  for (const { reader } of logs) reader.close();
  output.flush();
  return failures;
}

function styleOf({ isJson, isUtc }: LogRequest, services: readonly Service[], zone: Zone): LineStyle {
  const toTerminal = isTerminal(1);
  return {
    isJson,
    isTerminal: toTerminal,
    isColoured: toTerminal && (process.env["NO_COLOR"] ?? "") === "",
    time: createTimeText(isUtc ? "utc" : zone),
    nameWidth: services.length > 1 ? Math.max(...services.map(({ label }) => label.length)) : 0,
  };
}

/** Opens the log of a service at the first line that is wanted; null, after a complaint and the last words, where there is none. */
async function openLog(
  { label, path, unmatched }: Service,
  request: LogRequest,
  zone: Zone,
  { complain, write }: { readonly complain: (message: string) => void; readonly write: (line: LogLine) => void },
): Promise<Omit<ShownLog, "write"> | null> {
  if (path === null || unmatched !== undefined || !isThere(path)) {
    const found: Unsupervised =
      unmatched === undefined
        ? { kind: "no directory", errno: errno.ENOENT }
        : { kind: "no match", directory: unmatched };
    complain(`${label}: ${troubleOf(found).message}`);
    return null;
  }
  const range = rangeOf(path, label, request, complain);
  if (range === null) return null;
  const found = findLog(path);
  if (found.directory === null) {
    const words = isThere(`${path}/log`) ? null : readLastWords(path);
    const place = words === null ? `looked at ${found.lookedAt.join(" ")}` : "its last words:";
    complain(`${label}: no log found; ${place}`);
    for (const line of words?.lines ?? []) {
      const bytes = Buffer.from(line);
      write({ bytes, text: 0, to: bytes.length, micros: Number.NaN, isCut: false });
    }
    return null;
  }
  const { pattern, lines } = request;
  const opened = await openReader(found, zone, { range, pattern, lines }, (text) => warn(`${label}: ${text}`));
  return { ...opened, range };
}

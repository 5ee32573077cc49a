import { describeEnd } from "@upkeep/client/core/report";
import { lastLinesOf } from "@upkeep/client/log/last-lines";
import { readHistory } from "@upkeep/client/service/history";
import { harmless } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import type { WallTime } from "@upkeep/supervise/core/tai64n";

import { forTerminal } from "../core/log-line.ts";

/** How many lines are shown. */
const most = 10;

/**
 * Says on a terminal why a service has not come up: how it ended last, its last lines, and how to see more.
 *
 * @param since when it was asked to.
 */
export async function sayWhy(label: string, path: string, since: WallTime): Promise<void> {
  if (!isTerminal(2)) return;
  const name = harmless(label);
  const [last] = readHistory(path);
  const end = last === undefined ? null : describeEnd(last);
  const lines = await lastLinesOf(path, most, since.seconds * 1e6);
  const shown = lines.map((line) => `  ${forTerminal(line, (process.env["NO_COLOR"] ?? "") === "")}\n`);
  const heads = end === null || last === undefined ? [] : [`${end} after ${last.ranMillis} ms`];
  if (shown.length > 0) heads.push("its last lines:");
  const head = heads.length === 0 ? "" : `${name}: ${heads.join("; ")}\n`;
  writeText(2, `${head}${shown.join("")}see: sv log --run last ${name}\n`);
}

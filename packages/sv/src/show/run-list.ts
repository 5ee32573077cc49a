import type { Snapshot } from "@upkeep/client/core/json";
import { tableOf } from "@upkeep/client/core/process-table";
import { takeOwnSnapshot } from "@upkeep/client/look/snapshot";
import type { Service } from "@upkeep/client/service/client";
import { usageOf } from "@upkeep/client/service/processes";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { columnsOf } from "@upkeep/linux/fd/terminal-size";
import { listProcesses } from "@upkeep/linux/process/process-info";
import { writeText } from "@upkeep/program/messages/output";

import { type ListStyle, renderList } from "../core/list.ts";
import { looking } from "./console.ts";

/** What `sv list` is asked for. */
export interface ListRequest {
  readonly isWide: boolean;
  readonly isWatching: boolean;
}

/** Milliseconds between two looks. */
const pause = 1000;
/** To the top left; the rest of a line; the rest of the screen. */
const [home, endOfLine, endOfScreen] = ["\x1b[H", "\x1b[K", "\x1b[J"] as const;

/**
 * `sv list`: services as a table.
 *
 * @param find the services, which may change while one watches.
 * @returns the exit code: how many services nothing can be said about.
 */
export async function runList(find: () => readonly Service[], { isWide, isWatching }: ListRequest): Promise<number> {
  const toTerminal = isTerminal(1);
  for (let isFirst = true; ; isFirst = false) {
    const snapshots = find().map((service) => takeOwnSnapshot(service, looking));
    const lines = renderList(snapshots, Math.floor(Date.now() / 1000), styleOf(snapshots, isWide, toTerminal));
    const text = lines.map((line) => (isWatching && toTerminal ? `${line}${endOfLine}\n` : `${line}\n`)).join("");
    const screen = isFirst ? `${home}${endOfScreen}${text}` : `${home}${text}${endOfScreen}`;
    const isWritten = writeText(1, isWatching && toTerminal ? screen : text);
    if (!isWatching || !isWritten) return snapshots.filter(({ state }) => !("record" in state)).length;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function styleOf(snapshots: readonly Snapshot[], isWide: boolean, toTerminal: boolean): ListStyle {
  const all = tableOf(isWide ? listProcesses() : []);
  return {
    usages: isWide ? snapshots.map((snapshot) => usageOf(snapshot, all)) : null,
    columns: toTerminal ? columnsOf(1) : Infinity,
    isColoured: toTerminal && (process.env["NO_COLOR"] ?? "") === "",
  };
}

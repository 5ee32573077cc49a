import type { Snapshot } from "@upkeep/client/core/json";
import { mayBeTerminal } from "@upkeep/linux/fd/device";
import { writeText } from "@upkeep/program/messages/output";

import { isPlainList, type ListStyle, renderList } from "../core/list.ts";
import { plainRuler } from "../core/ruler.ts";

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
 * @param look what is known of the services, of which there may be others the next time.
 * @returns the exit code: how many services nothing can be said about.
 */
export async function runList(look: () => readonly Snapshot[], { isWide, isWatching }: ListRequest): Promise<number> {
  for (let isFirst = true; ; isFirst = false) {
    const snapshots = look();
    const { isTerminal, ...style } = await styleFor(snapshots, isWide);
    const lines = renderList(snapshots, Math.floor(Date.now() / 1000), style);
    const redraws = isWatching && isTerminal;
    const end = redraws ? `${endOfLine}\n` : "\n";
    const text = lines.join(end) + end;
    const screen = isFirst ? `${home}${endOfScreen}${text}` : `${home}${text}${endOfScreen}`;
    const isWritten = writeText(1, redraws ? screen : text);
    if (!isWatching || !isWritten) return snapshots.filter(({ state }) => !("record" in state)).length;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Loads what this list needs, and nothing else: the whole takes longer to load than a hundred services to read. */
async function styleFor(
  snapshots: readonly Snapshot[],
  isWide: boolean,
): Promise<ListStyle & { readonly isTerminal: boolean }> {
  const screen = mayBeTerminal(1)
    ? (await import("./terminal.ts")).screenNow()
    : { isTerminal: false, columns: Infinity, isColoured: false };
  return {
    ...screen,
    ruler: isPlainList(snapshots) ? plainRuler : (await import("../core/text.ts")).ruler,
    usages: isWide ? (await import("./usages.ts")).usagesOf(snapshots) : null,
  };
}

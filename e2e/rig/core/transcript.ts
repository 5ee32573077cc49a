import { lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { JournalEvent } from "../scripted/journal.ts";

/** What the test did, together with what its scripted programs recorded. */
export class Transcript {
  readonly #lines: { readonly at: number; readonly text: string }[] = [];

  add(at: number, text: string): void {
    this.#lines.push({ at, text });
  }

  /** One line per event, with the time since the first one. */
  render(events: readonly JournalEvent[]): string {
    const first = this.#lines[0]?.at ?? 0;
    const told = events.map((event) => ({ at: event.at, text: `    ${event.role} ${event.pid}: ${tell(event)}` }));
    return [...this.#lines, ...told]
      .toSorted((one, other) => one.at - other.at)
      .map(({ at, text }) => `${((at - first) / 1000).toFixed(2).padStart(7)} ${text}`)
      .join("\n");
  }
}

/** Files below a directory with their modes, and the content of the small ones that tell a state. */
export function treeListing(root: string): string {
  const lines: string[] = [];
  for (const entry of readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted()) {
    if (entry === ".rig" || entry.startsWith(".rig/")) continue;
    const path = join(root, entry);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    lines.push(
      `${(stat.mode & 0o177777).toString(8).padStart(6, "0")} ${String(stat.size).padStart(5)} ${entry}${content(path, stat)}`,
    );
  }
  return lines.join("\n");
}

function tell(event: JournalEvent): string {
  switch (event.event) {
    case "start":
      return `start ${event.argv.join(" ")}`;
    case "signal":
    case "die":
      return `${event.event} ${event.signal}`;
    case "exit":
      return `exit ${event.code}`;
    case "note":
      return `note ${event.text}`;
    case "end-of-input":
      return "end of input";
  }
}

/** Bytes of a file that a listing shows. */
const mostShown = 65_536;

function content(path: string, stat: ReturnType<typeof lstatSync>): string {
  if (stat === undefined) return "";
  if (stat.isSymbolicLink()) return ` -> ${readlinkSync(path)}`;
  if (!stat.isFile() || Number(stat.size) > mostShown) return "";
  if (path.endsWith("/status")) return `  ${readFileSync(path).toString("hex")}`;
  return /\/(?:stat|pid|state\.json)$/.test(path) ? `  ${readFileSync(path, "utf8").trimEnd()}` : "";
}

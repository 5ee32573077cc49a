import { resolve } from "node:path";

import type { Service } from "./client.ts";

/** The name by which others need a service, and the directory that it shares with them. Both are name texts. */
export interface Home {
  readonly name: string;
  readonly siblings: string;
}

/** Where a service is; null where its name names nothing. */
export function homeOf({ path, place }: Service): Home | null {
  const given = place ?? path;
  if (given === null) return null;
  const whole = /(^|\/)\.{1,2}\/*$/.test(given) ? resolve(given) : given;
  // What node:path returns on Bun is UTF-8.
  const [, siblings = "", name = ""] = /^(.*\/)?([^/]+)\/*$/s.exec(whole) ?? [];
  return { name, siblings: siblings === "" ? "." : siblings.replace(/(?<=.)\/+$/, "") };
}

import { basename, dirname, resolve } from "node:path";

import { pathOfService } from "../core/arguments.ts";
import type { Service } from "./client.ts";

/** The name by which others need a service, and the directory that it shares with them. Both are name texts. */
export interface Home {
  readonly name: string;
  readonly siblings: string;
}

/**
 * Finds it by the label, because {@link Service.path} leads through a descriptor where it is not UTF-8.
 *
 * @param directory where services are that are named without a path.
 */
export function homeOf({ label }: Service, directory: string): Home {
  const typed = pathOfService(label, directory);
  if (typed === null) return { name: label, siblings: "" };
  const path = /(^|\/)\.{0,2}\/*$/.test(typed) ? resolve(typed) : typed;
  return { name: basename(path), siblings: dirname(path) };
}

import type { Diagnostics } from "@upkeep/program/messages/diagnostics";
import type { ServiceDirectory } from "@upkeep/service-directory/files/directory";
import { readSettings, type StartSettings } from "@upkeep/service-directory/files/settings";

import { none } from "../core/none.ts";
import type { SlotName } from "../core/slot.ts";

/** What was complained of at the last start of each slot. */
type Complaints = Readonly<Record<SlotName, readonly string[]>>;
const nothing: Complaints = { service: none, log: none };

/** Reads the settings of each start. A complaint that the start before gave already is not repeated. */
export class SettingsReader {
  readonly #say: Diagnostics;
  #complaints = nothing;

  constructor(say: Diagnostics) {
    this.#say = say;
  }

  read(directory: ServiceDirectory, slot: SlotName): StartSettings {
    const before = this.#complaints[slot];
    const found: string[] = [];
    const settings = readSettings(directory, slot, (message) => {
      if (!before.includes(message)) this.#say.warning(message);
      found.push(message);
    });
    if (found.length > 0 || before.length > 0) this.#complaints = { ...this.#complaints, [slot]: found };
    return settings;
  }
}

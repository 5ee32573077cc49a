import type { Snapshot } from "@upkeep/client/core/json";
import { stateInAWord } from "@upkeep/client/core/picture";
import { takeOwnSnapshot } from "@upkeep/client/look/snapshot";
import type { Service } from "@upkeep/client/service/client";
import { tickMillis } from "@upkeep/linux/core/clock-ticks";
import { processInfo } from "@upkeep/linux/process/process-info";
import { harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";

import { blame, type BootFacts, renderBlame } from "../core/blame.ts";
import { paperNow } from "./paper.ts";
import { nameOf, withNeeds } from "./with-needs.ts";
import { looking } from "./console.ts";

/**
 * `sv blame`: how long services took to come up, and those that they need.
 *
 * @returns the exit code: of how many of them nothing can be said.
 */
export function runBlame(services: readonly Service[], isJson: boolean): number {
  const all = withNeeds(services).map(({ name, service, needs }) => {
    const snapshot = takeOwnSnapshot(service, looking);
    return { name, snapshot, facts: { name, state: stateInAWord(snapshot), needs, ...timesOf(snapshot) } };
  });
  const asked = new Set(services.map(nameOf));
  const facts = all.map((one) => one.facts);
  const found = blame(facts, asked);
  const lines = isJson ? [harmlessJson(JSON.stringify(found))] : renderBlame(found, paperNow());
  writeText(1, lines.map((line) => `${line}\n`).join(""));
  return all.filter(({ name, snapshot: { state } }) => asked.has(name) && !("record" in state)).length;
}

/** runit's `runsv` tells only since when this `./run` has been running; the kernel has that on the same clock. */
function timesOf({ state }: Snapshot): Pick<BootFacts, "began" | "started" | "ready"> {
  const none = { began: null, started: null, ready: null };
  if (!("record" in state)) return none;
  const { record, details } = state;
  if (details.firstReady !== null) return details.firstReady;
  const ticks = record.state === "run" ? processInfo(record.pid)?.startTicks : undefined;
  return ticks === undefined ? none : { ...none, started: ticks * tickMillis };
}

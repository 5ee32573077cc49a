import { renderTrouble } from "@upkeep/client/core/report";
import { probe, type Service, troubleOf } from "@upkeep/client/service/client";

import type { AwaitedState } from "../core/awaited-state.ts";
import { beginWait, type Wait } from "../core/wait.ts";
import { describeService, say } from "../show/console.ts";
import { systemPorts } from "./ports.ts";
import { waitFor } from "./wait-for.ts";

/**
 * Waits until all services have come to a state, all at the same time; also for one whose supervisor is still to be
 * started. Says of each one that has not what it is instead.
 *
 * @returns the exit code: 0 when all have, otherwise 1.
 */
export async function awaitState(services: readonly Service[], state: AwaitedState, seconds: number): Promise<number> {
  const wait = beginWait({ kind: "state", state }, performance.now(), seconds);
  const results = await Promise.all(services.map(async (service) => await awaitOne(service, wait)));
  return results.every(Boolean) ? 0 : 1;
}

async function awaitOne(service: Service, wait: Wait): Promise<boolean> {
  const { label, path } = service;
  const first = probe(service);
  if (first.kind === "no directory" || first.kind === "no match") return refuse(renderTrouble(label, troubleOf(first)));
  if (path === null) throw new Error(`internal error: ${label} is found without a path`);
  const { outcome, found } = await waitFor({ ...service, path }, wait, systemPorts);
  if (outcome === "reached") return true;
  if (found.kind !== "supervised") return refuse(renderTrouble(label, troubleOf(found)));
  return refuse(`${outcome === "failed" ? "fail" : "timeout"}: ${describeService(service, found)}`);
}

function refuse(line: string): false {
  say(line);
  return false;
}

import type { SupervisionEvent } from "@upkeep/supervise/parent/events";

import type { ReportedEvent } from "../core/effect.ts";

import { notStarted, type End } from "../core/moment.ts";

/** Tells the parent what happens to the service, if the parent wants to know. */
export type Report = (event: ReportedEvent, exit: End | null, isCritical: boolean) => void;

/** @param directory the service directory, as the command line gives it. @param tell gets each event; null: nobody wants to know. */
export function reportTo(service: string, directory: string, tell: ((event: SupervisionEvent) => void) | null): Report {
  return (...reported) => tell?.(describeEvent(service, directory, ...reported));
}

/** An event as a parent is told of it. */
export function describeEvent(
  service: string,
  directory: string,
  ...[event, exit, critical]: Parameters<Report>
): SupervisionEvent {
  const hasEnd = event !== "ready" && event !== "unready";
  const code = !hasEnd || exit?.kind === "killed" || exit?.kind === "unknown" ? null : (exit?.code ?? notStarted);
  const signal = hasEnd && exit?.kind === "killed" ? exit.signal : null;
  return { event, service, directory, code, signal, critical };
}

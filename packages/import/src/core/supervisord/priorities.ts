import type { Entry, Outcome, Service } from "../model.ts";
import { became, needless } from "../outcome.ts";
import { entry, type Program } from "./section.ts";

/**
 * What becomes of `priority`: supervisord starts the lower number first. Here a service waits until those of the next
 * lower number that a file states are ready. Programs without a priority depend on nobody. Nor does anybody wait for a
 * service that is not started by itself.
 */
export function orderByPriority(
  programs: readonly Program[],
  file: string,
): { readonly services: readonly Service[]; readonly entries: readonly Entry[] } {
  const stated = programs.filter(({ priority }) => priority.stated !== null && !priority.isBad);
  const entries: Entry[] = [];
  const services = programs.flatMap((program) => {
    const { value, stated: key, isBad } = program.priority;
    const before = key === null || isBad ? [] : servicesBefore(value, stated);
    if (key !== null) entries.push(entry(program.name, key, { file, line: key.line }, outcomeOf(isBad, before)));
    return program.services.map((service) => ({ ...service, dependencies: before }));
  });
  return { services, entries };
}

function servicesBefore(value: number, programs: readonly Program[]): readonly string[] {
  const started = programs.filter(({ services }) => services.some(({ down }) => !down));
  const lower = Math.max(...started.map(({ priority }) => priority.value).filter((other) => other < value));
  return started
    .filter(({ priority }) => priority.value === lower)
    .flatMap(({ services }) => services.map(({ name }) => name));
}

function outcomeOf(isBad: boolean, before: readonly string[]): Outcome {
  if (isBad) return { kind: "bad", problem: "is not a whole number" };
  if (before.length === 0) return needless("nothing that states a priority is started before it");
  return became(before.map((name) => `dependencies.d/${name}`).join(" "));
}

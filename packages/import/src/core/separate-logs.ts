import type { Entry, Service } from "./model.ts";
import { describeWord } from "./words.ts";

/** Gives each service a log directory of its own where several name the same one: svlogd shares none. */
export function separateLogs(services: readonly Service[]): readonly Service[] {
  const users = Map.groupBy(services, directoryOf);
  return services.map((service) => {
    const { output } = service;
    if (output.kind !== "log" || users.get(directoryOf(service))?.length === 1) return service;
    return { ...service, output: { ...output, directory: [...output.directory, `/${service.name}`] } };
  });
}

function directoryOf({ output }: Service): string | null {
  return output.kind === "log" ? describeWord(output.directory) : null;
}

/** What became of the key of a log file that {@link separateLogs} has moved. */
export function tellMove(entry: Entry): Entry {
  if (entry.outcome.kind !== "became") return entry;
  return { ...entry, outcome: { kind: "became", text: `${entry.outcome.text}/NAME: svlogd shares no directory` } };
}

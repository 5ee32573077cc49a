import type { Entry, Outcome, RenderedFile, Service } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { type Definition, namesIn } from "./definition.ts";
import type { Translated } from "./translate.ts";

/** The loggers by their names, each with its one producer. A logger of several stays a service, which nobody feeds. */
export function loggersOf(definitions: readonly Definition[]): ReadonlyMap<string, string> {
  const pairs = definitions.flatMap((definition) =>
    namesIn(definition, "producer-for").map((logger) => [logger, definition.name] as const),
  );
  const byLogger = Map.groupBy(pairs, ([logger]) => logger);
  return new Map(
    pairs.filter(([logger]) => byLogger.get(logger)?.length === 1 && definitions.some(({ name }) => name === logger)),
  );
}

/** What a logger becomes below its producer. */
export function logFiles({ command, settings, files }: Service): readonly RenderedFile[] {
  const counting = ["timeout-kill", "down-signal"].flatMap((name): readonly RenderedFile[] => {
    const value = settings[name];
    return value === undefined ? [] : [{ path: `log/${name}`, text: `${value}\n`, executable: false }];
  });
  const run = command.kind === "script" ? [{ path: "log/run", text: command.text, executable: true }] : [];
  return [
    ...run,
    ...counting,
    ...files.filter(({ path }) => path !== "finish").map((file) => ({ ...file, path: `log/${file.path}` })),
  ];
}

/** The entry of a file of a pipeline, which the other end of it explains. */
export function pipelineEntry(entry: Entry, { definition }: Translated, loggers: ReadonlyMap<string, string>): Entry {
  const producer = loggers.get(definition.name);
  const outcome = pipelineOutcome(entry, definition, producer, loggers);
  return outcome === null ? entry : { ...entry, outcome };
}

function pipelineOutcome(
  { key, value }: Entry,
  { name }: Definition,
  producer: string | undefined,
  loggers: ReadonlyMap<string, string>,
): Outcome | null {
  if (key === "producer-for")
    return loggers.get(value) === name
      ? became(`log/, from ${value}`)
      : lost("its output goes where runsvdir writes", "write log/run: each service has a log of its own");
  if (key === "consumer-for")
    return producer === undefined
      ? lost("nobody writes to it", "write log/run for each producer")
      : became(`log/ of ${producer}`);
  if (producer !== undefined && key === "run") return became(`log/run of ${producer}`);
  if (producer !== undefined && key === "finish")
    return lost("finish of a log is not run", "let log/run end in what it does");
  if (producer !== undefined && /^(notification-fd$|dependencies)/.test(key)) return needless("a log waits for nobody");
  return null;
}

import type { Log } from "../directory/log-directory.ts";
import type { Journal } from "../journal/journal.ts";
import { createSplitter, type Splitter, type SplitterSettings } from "./splitter.ts";

/** The way of lines from where they are read to the logs. */
export interface Intake {
  readonly splitter: Splitter;
  /** The lines of a read have been handed over. */
  endBatch(): void;
}

/** @param logs those that are open. They get at once what a killed logger has left in the journal. */
export function createIntake(
  logs: () => readonly Log[],
  settings: SplitterSettings & { readonly journal: Journal },
): Intake {
  const splitter = createSplitter(
    {
      lines: (...line) => logs().forEach((log) => log.lines(...line)),
      longLine: (...line) => logs().forEach((log) => log.longLine(...line)),
      more: (...line) => logs().forEach((log) => log.more(...line)),
    },
    settings,
  );
  const endBatch = (): void => {
    logs().forEach((log) => log.endBatch());
    splitter.settle();
  };
  const { isReceived, count, time } = settings.journal.input();
  if (isReceived) splitter.received(count, time);
  endBatch();
  return { splitter, endBatch };
}

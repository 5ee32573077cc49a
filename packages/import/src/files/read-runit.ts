import { lint } from "@upkeep/lint/core/lint";
import { takeSnapshot } from "@upkeep/lint/read/snapshot";
import { pathOfName } from "@upkeep/linux/core/name-text";
import { isThere } from "@upkeep/linux/fd/files";

import type { Entry, Imported } from "../core/model.ts";
import { isDirectory, namesIn } from "./source-file.ts";

/** Whether a directory is a service directory, or holds some: as of runit, and as ours are. */
export function isRunit(directory: string): boolean {
  const hasRun = (path: string): boolean => isThere(pathOfName(`${path}/run`));
  return (
    hasRun(directory) ||
    namesIn(directory).some((name) => isDirectory(`${directory}/${name}`) && hasRun(`${directory}/${name}`))
  );
}

/** Looks for mistakes in service directories, which need no import. */
export function checkRunit(directory: string): Imported {
  const snapshot = takeSnapshot([directory], { root: "", isReadOnly: false });
  const findings = lint(snapshot);
  const entries = snapshot.services.flatMap(({ path }): readonly Entry[] => [
    {
      program: path,
      key: "run",
      value: "",
      place: { file: `${path}/run`, line: 1 },
      outcome: { kind: "needless", text: "it is a service directory already: make a link to it, or copy it" },
    },
    ...findings
      .filter(({ file }) => file === path || file.startsWith(`${path}/`))
      .map(({ file, line, message, mend, rule }): Entry => ({
        program: path,
        key: rule,
        value: "",
        place: { file, line: line ?? 1 },
        outcome: { kind: "lost", means: message, instead: mend },
      })),
  ]);
  return { services: [], entries, failures: [] };
}

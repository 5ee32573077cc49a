import { basename, dirname, join } from "node:path";

import { pathOfName } from "@upkeep/linux/core/name-text";
import { isThere } from "@upkeep/linux/fd/files";

import type { Failure, Imported } from "../core/model.ts";
import { importSystemd, type UnitSource } from "../core/systemd/systemd.ts";
import { readUnit, type UnitFile } from "../core/systemd/unit.ts";
import { namesIn, readText, type Source } from "./source-file.ts";

/** Units that a directory may hold beside services, and what to do instead. */
const otherKinds: Readonly<Record<string, string>> = {
  timer: "a timer starts a unit at a time: let cron run it",
  socket: "a socket is opened for a unit: let the program open it itself",
  path: "a path is watched for a unit: let run wait for it, as inotifywait does",
  mount: "a mount is for the system: mount it before runsvdir starts",
  automount: "a mount is for the system: mount it before runsvdir starts",
  swap: "swap is for the system",
  slice: "there are no control groups",
  scope: "processes that systemd has not started are no services",
};

/** Reads units with their drop-ins, all together: they may depend on each other. */
export function readSystemd(sources: readonly Source[]): Imported {
  const units = sources.map(({ file, text }): UnitSource => ({
    name: basename(file),
    file,
    files: [readUnit(text, file), ...dropIns(file)],
  }));
  const variables = new Map(
    units.flatMap(({ files }) =>
      files
        .flatMap(({ lines }) => lines)
        .filter(({ key }) => key === "EnvironmentFile")
        .map(({ value }) => value.replace(/^-/, ""))
        .filter((path) => path.startsWith("/") && isThere(pathOfName(path)))
        .map((path) => [path, readText(path)] as const),
    ),
  );
  return importSystemd(units, variables);
}

/** The files that add to a unit, as systemd finds them: for all instances first, and by name in each directory. */
function dropIns(file: string): readonly UnitFile[] {
  const name = basename(file);
  const template = name.replace(/@.*(?=\.service$)/, "@");
  const directories = [...new Set([template, name])].map((each) => join(dirname(file), `${each}.d`));
  return directories.flatMap((directory) =>
    isThere(pathOfName(directory))
      ? namesIn(directory)
          .filter((each) => each.endsWith(".conf"))
          .map((each) => readUnit(readText(join(directory, each)), join(directory, each)))
      : [],
  );
}

/** The unit of an instance that has no file of its own: that of its template; null for other names. */
export function templateOf(file: string): string | null {
  const [, prefix] = /^([^@]+)@.+\.service$/.exec(basename(file)) ?? [];
  const template = prefix === undefined ? null : join(dirname(file), `${prefix}@.service`);
  return template !== null && isThere(pathOfName(template)) ? template : null;
}

/** What else is in a directory of units. Targets only order them. */
export function otherUnits(directory: string): readonly Failure[] {
  return namesIn(directory).flatMap((name) => {
    const text = otherKinds[/\.(\w+)$/.exec(name)?.[1] ?? ""];
    return text === undefined ? [] : [{ place: { file: join(directory, name), line: 1 }, text }];
  });
}

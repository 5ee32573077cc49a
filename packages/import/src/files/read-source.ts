import { basename, dirname, join, resolve } from "node:path";

import { pathOfName } from "@upkeep/linux/core/name-text";
import { isThere } from "@upkeep/linux/fd/files";
import { FatalError } from "@upkeep/program/process/run-program";

import type { Failure, Imported } from "../core/model.ts";
import { importProcfile } from "../core/procfile/procfile.ts";
import { importS6 } from "../core/s6/s6.ts";
import { type Format, recognize, wellKnownFiles } from "../core/recognize.ts";
import { readPm2 } from "./read-pm2.ts";
import { checkRunit, isRunit } from "./read-runit.ts";
import { s6SourceOf } from "./read-s6.ts";
import { readSupervisord } from "./read-supervisord.ts";
import { otherUnits, readSystemd, templateOf } from "./read-systemd.ts";
import { readCompose, readProcessCompose } from "./read-yaml-files.ts";
import { isDirectory, namesIn, readBeside, readText, type Source } from "./source-file.ts";

/** Reads all sources of one format. */
const readers: Readonly<Record<Format, (sources: readonly Source[], mayEvaluate: boolean) => Imported>> = {
  supervisord: (sources) => together(sources.map(readSupervisord)),
  procfile: (sources) => together(sources.map(readProcfile)),
  systemd: readSystemd,
  "process-compose": (sources) => together(sources.map(readProcessCompose)),
  pm2: (sources, mayEvaluate) => together(sources.map((source) => readPm2(source, mayEvaluate))),
  compose: (sources) => together(sources.map(readCompose)),
};

/**
 * Reads files, or the well-known files of directories, and all that they include. Throws FatalError if one cannot be
 * read or is of no known format. `mayEvaluate`: JavaScript may be run.
 */
export function readSources(operands: readonly string[], format: Format | null, mayEvaluate = false): Imported {
  const found = operands.map(sourcesOf);
  const sources = found
    .flatMap(({ sources: each }) => each)
    .map((source) => ({ source, format: formatOf(source, format) }));
  const directories = found.flatMap(({ imported }) => (imported === null ? [] : [imported]));
  const byFormat = Map.groupBy(sources, ({ format: each }) => each);
  const imported = [...byFormat].map(([each, members]) =>
    readers[each](
      members.map(({ source }) => source),
      mayEvaluate,
    ),
  );
  return together([
    ...directories,
    ...imported,
    { services: [], entries: [], failures: found.flatMap(({ failures }) => failures) },
  ]);
}

/** All that several sources say. */
function together(all: readonly Imported[]): Imported {
  return {
    services: all.flatMap(({ services }) => services),
    entries: all.flatMap(({ entries }) => entries),
    failures: all.flatMap(({ failures }) => failures),
  };
}

function formatOf({ file, text }: Source, format: Format | null): Format {
  const known = format ?? recognize(basename(file), text);
  if (known === null) throw new FatalError("is of no known format: name it with --format", file);
  return known;
}

/** What an operand leads to, and what in it is no service. */
interface Found {
  readonly sources: readonly Source[];
  /** What is imported as a whole directory. */
  readonly imported: Imported | null;
  readonly failures: readonly Failure[];
}

function sourcesOf(operand: string): Found {
  if (!isDirectory(operand)) {
    const template = isThere(pathOfName(operand)) ? null : templateOf(operand);
    return { sources: [{ file: operand, text: readText(template ?? operand) }], imported: null, failures: [] };
  }
  const s6 = s6SourceOf(operand);
  if (s6 !== null) return { sources: [], imported: importS6(s6), failures: [] };
  const units = namesIn(operand).filter((name) => name.endsWith(".service") && !name.endsWith("@.service"));
  if (units.length > 0) {
    const files = units.map((name) => join(operand, name)).filter((file) => !isDirectory(file));
    return {
      sources: files.map((file) => ({ file, text: readText(file) })),
      imported: null,
      failures: otherUnits(operand),
    };
  }
  if (isRunit(operand)) return { sources: [], imported: checkRunit(operand), failures: [] };
  const file = wellKnownFile(operand);
  return { sources: [{ file, text: readText(file) }], imported: null, failures: [] };
}

function wellKnownFile(directory: string): string {
  const found = wellKnownFiles.map((name) => join(directory, name)).filter((path) => isThere(pathOfName(path)));
  const [first, ...others] = found;
  if (first === undefined) throw new FatalError(`holds none of ${wellKnownFiles.join(", ")}`, directory);
  if (others.length > 0)
    throw new FatalError(`holds ${found.map((path) => basename(path)).join(" and ")}: name one`, directory);
  return first;
}

function readProcfile({ file, text }: Source): Imported {
  return importProcfile({ file, text, directory: resolve(dirname(file)), environment: readBeside(file, ".env") });
}

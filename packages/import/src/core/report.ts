import { harmless } from "@upkeep/program/core/one-line";

import type { Entry, Failure, Imported, Outcome, Place, RenderedFile, Service } from "./model.ts";
import { render } from "./render.ts";

/** Values are cut at so many characters in a table. */
const widest = 44;

/** A table for each program: its keys, their values, and what became of them. */
export function renderTables({ services, entries }: Imported, to: string): string {
  const programs = [...new Set(entries.map(({ program }) => program))];
  const tables = programs.map((program) => {
    const own = entries.filter((entry) => entry.program === program);
    return `${harmless(program ?? "the file itself")}\n${renderRows(own.map(rowOf))}`;
  });
  const made = services.map(({ name }) => `  ${harmless(`${to}/${name}`)}\n`).join("");
  return `${tables.join("\n")}${tables.length === 0 ? "" : "\n"}${made === "" ? "no service\n" : `services\n${made}`}`;
}

function rowOf({ key, value, place, outcome }: Entry): readonly [string, string, string] {
  const shown = place === null ? `${value === "" ? "" : `${value} `}(default)` : value;
  const text = harmless(shown);
  return [harmless(key), text.length > widest ? `${text.slice(0, widest - 1)}…` : text, harmless(describe(outcome))];
}

function renderRows(rows: readonly (readonly [string, string, string])[]): string {
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  return rows.map(([key, value, text]) => `  ${key.padEnd(width(0))}  ${value.padEnd(width(1))}  ${text}\n`).join("");
}

function describe(outcome: Outcome): string {
  switch (outcome.kind) {
    case "became":
      return outcome.text;
    case "needless":
      return `nothing: ${outcome.text}`;
    case "lost":
      return `LOST: ${outcome.means}`;
    case "unknown":
      return "UNKNOWN";
    case "bad":
      return `BAD: ${outcome.problem}`;
  }
}

/** One line for each key that is not expressed. */
export function warnings({ entries }: Imported): readonly string[] {
  return entries.flatMap(({ program, key, place, outcome }) => {
    const text = warningOf(outcome);
    if (text === null) return [];
    return [`${place === null ? "" : `${at(place)}: `}${program === null ? "" : `${program}: `}${key}: ${text}`];
  });
}

function warningOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case "became":
    case "needless":
      return null;
    case "lost":
      return `${outcome.means}; instead: ${outcome.instead}`;
    case "unknown":
      return `unknown key${outcome.nearest === null ? "" : `, did you mean ${outcome.nearest}?`}`;
    case "bad":
      return outcome.problem;
  }
}

/** One line for each program that is not imported. */
export function describeFailure({ place, text }: Failure): string {
  return `${at(place)}: ${text}`;
}

function at({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** The files that would be written, whole. */
export function renderFiles(services: readonly Service[], to: string): string {
  return services
    .flatMap((service) => render(service).map((file) => renderFile(`${to}/${service.name}`, file)))
    .join("\n");
}

function renderFile(directory: string, { path, text, executable }: RenderedFile): string {
  const lines = text.split("\n").slice(0, -1);
  const head = `${directory}/${path}${executable ? " (executable)" : ""}${text === "" ? " (empty)" : ""}`;
  return [head, ...lines.map((line) => `    ${line}`)].map((line) => `${harmless(line)}\n`).join("");
}

/** Everything for programs: version 1. */
export function toJson({ services, entries, failures }: Imported, to: string): string {
  const made = services.map((service) => ({
    name: service.name,
    directory: `${to}/${service.name}`,
    files: render(service),
  }));
  return `${JSON.stringify({ version: 1, services: made, keys: entries, failures }, null, 2)}\n`;
}

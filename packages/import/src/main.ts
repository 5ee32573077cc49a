import type { Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { createDiagnostics, type Diagnostics } from "@upkeep/program/messages/diagnostics";
import { writeText } from "@upkeep/program/messages/output";
import { FatalError, type Program } from "@upkeep/program/process/run-program";
import { UsageError } from "@upkeep/program/core/usage";

import { commandLine } from "./cli.ts";
import type { Imported } from "./core/model.ts";
import { type Format, formats } from "./core/recognize.ts";
import { describeFailure, renderFiles, renderTables, toJson, warnings } from "./core/report.ts";
import { showProgress } from "./files/progress.ts";
import { readSources } from "./files/read-source.ts";
import { writeServices } from "./files/write-services.ts";

/** What is not imported, or with `--strict` not expressed. */
const incomplete = 1;

/** upkeep-import(1): makes service directories from the files of other supervisors. */
export const upkeepImport: Program = { name: "upkeep import", exitCodes: { usage: 100, fatal: 111 }, main };

async function main(invocation: Invocation): Promise<number> {
  const { options, operands } = parseOptions(invocation, commandLine);
  const format = formatOf(options["format"]);
  if (operands.length === 0) throw new UsageError(commandLine.usage);
  const to = typeof options["to"] === "string" ? options["to"] : "./service";
  const imported = readSources(operands, format, options["evaluate"] === true);
  refuseTwice(imported);
  const diagnostics = createDiagnostics("upkeep import");
  const warned = tell(imported, diagnostics);
  const isRefused = options["strict"] === true && warned;
  if (options["dry-run"] !== true && !isRefused) {
    const { services } = imported;
    writeServices(services, to, options["replace"] === true, showProgress(services.length));
  }
  writeText(1, options["json"] === true ? toJson(imported, to) : renderTables(imported, to));
  if (options["dry-run"] === true && options["json"] !== true) writeText(1, `\n${renderFiles(imported.services, to)}`);
  return isRefused || imported.failures.length > 0 ? incomplete : 0;
}

function formatOf(option: unknown): Format | null {
  if (option === undefined) return null;
  const format = formats.find((each) => each === option);
  if (format === undefined) throw new UsageError(commandLine.usage);
  return format;
}

/** Whether anything was told. */
function tell(imported: Imported, diagnostics: Diagnostics): boolean {
  const texts = warnings(imported);
  for (const text of texts) diagnostics.warning(text);
  for (const failure of imported.failures) diagnostics.warning(`not imported: ${describeFailure(failure)}`);
  return texts.length > 0 || imported.failures.length > 0;
}

/** Two files may not make the same service. */
function refuseTwice({ services }: Imported): void {
  const names = new Set<string>();
  for (const { name } of services) {
    if (names.has(name)) throw new FatalError("two of the files make it: import them into different directories", name);
    names.add(name);
  }
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import type { Service } from "@upkeep/import/core/model";
import { describeFailure } from "@upkeep/import/core/report";
import { readSources } from "@upkeep/import/files/read-source";
import { reasonOf, errnoOf } from "@upkeep/linux/core/errno";
import { isTerminal } from "@upkeep/linux/fd/descriptor";
import { commandsInPath } from "@upkeep/program/command-line/commands-in-path";
import { commandsDirectory, type Invocation } from "@upkeep/program/command-line/invocation";
import { parseOptions } from "@upkeep/program/command-line/options";
import { createDiagnostics } from "@upkeep/program/messages/diagnostics";
import { writeText } from "@upkeep/program/messages/output";
import { FatalError, type Program } from "@upkeep/program/process/run-program";
import { UsageError } from "@upkeep/program/core/usage";
import { makeProjectPlace } from "@upkeep/supervise/place/project";
import { parse } from "dotenv";

import { commandLine } from "./cli.ts";
import { planRun, WishError, type Wishes } from "./core/plan.ts";
import { serviceFiles } from "./core/service-files.ts";
import { readFormation, readNames, readPort } from "./core/wishes.ts";
import { becomeRunsvdir } from "./files/become-runsvdir.ts";
import { holderOf, layOut, leadTo } from "./files/lay-out.ts";

/** The file of variables beside a Procfile. We read it ourselves, by foreman's rules. */
const dotenv = ".env";
/** Seconds: so long foreman waits before it kills. */
const defaultTimeout = "5";

/** upkeep-run(1): runs a Procfile in the foreground. */
export const upkeepRun: Program = { name: "upkeep run", exitCodes: { usage: 100, fatal: 111 }, main };

type Texts = Readonly<Record<string, string | undefined>>;

async function main(invocation: Invocation): Promise<number> {
  const { options, operands } = parseOptions(invocation, commandLine);
  const texts = options as Texts;
  const timeout = texts["timeout"] ?? defaultTimeout;
  if (!/^\d+$/.test(timeout)) throw new UsageError(commandLine.usage);
  const source = texts["f"] ?? "Procfile";
  const isDirectory = isServices(source);
  const project = resolve(isDirectory ? "." : dirname(source));
  const place = makeProjectPlace(project);
  if (place === null)
    throw new FatalError("no directory for the state of services can be made: set UPKEEP_RUNDIR", project);
  const holder = holderOf(place);
  if (holder !== null)
    throw new FatalError(`runs already (pid ${holder}): sv list shows what, in this directory`, project);
  const variables = variablesOf(texts["e"] ?? null, isDirectory ? null : source);
  if (isDirectory) {
    leadTo(place, resolve(source));
    variables.set("UPKEEP_PREFIX_LOGS", "1");
  } else {
    prepare(place, source, wishesOf(texts, operands));
  }
  // Otherwise runsvdir would start the runsv of another suite, and services would not find chpst.
  if (commandsInPath() === null) {
    variables.set("PATH", `${commandsDirectory()}:${variables.get("PATH") ?? process.env["PATH"] ?? ""}`);
  }
  tell(project);
  becomeRunsvdir(["--inline", "--orderly", "--stop-timeout", timeout, place], variables);
}

/** A directory whose entries are service directories; a scan directory may be empty. */
function isServices(path: string): boolean {
  try {
    return readdirSync(path).some((name) => !name.startsWith(".") && existsSync(`${path}/${name}/run`));
  } catch {
    return false; // No directory, or none that may be read.
  }
}

function wishesOf(texts: Texts, names: readonly string[]): Wishes {
  try {
    return {
      names,
      formation: readFormation(texts["m"] ?? ""),
      port: texts["p"] === undefined ? null : readPort(texts["p"]),
      mayDie: readNames(texts["can-die"] ?? ""),
      restarted: readNames(texts["restart"] ?? ""),
    };
  } catch (error) {
    throw asFatal(error);
  }
}

function prepare(place: string, source: string, wishes: Wishes): void {
  const { services: imported, entries, failures } = readSources([source], null);
  const [failure] = failures;
  if (failure !== undefined) throw new FatalError(describeFailure(failure), null);
  const diagnostics = createDiagnostics("upkeep run");
  for (const { place: where, key, outcome } of entries) {
    if (where !== null && outcome.kind === "lost" && key !== dotenv)
      diagnostics.warning(`${where.file}:${where.line}: ${key}: ${outcome.means}; instead: ${outcome.instead}`);
  }
  const services = planned(imported.map(withoutDotenv), wishes);
  const isColoured = isTerminal(1) && process.env["NO_COLOR"] === undefined;
  const width = Math.max(0, ...services.map(({ name }) => name.length));
  layOut(
    place,
    services.map((service, index) => ({
      name: service.name,
      files: serviceFiles(service, index, { isColoured, width }),
    })),
  );
}

function planned(services: readonly Service[], wishes: Wishes): readonly Service[] {
  try {
    return planRun(services, wishes);
  } catch (error) {
    throw asFatal(error);
  }
}

function asFatal(error: unknown): unknown {
  return error instanceof WishError ? new FatalError(error.message, null) : error;
}

/** All processes get these variables, so none reads the file by itself. */
function withoutDotenv(service: Service): Service {
  const environment = service.environment.filter((each) => {
    const [path] = "path" in each ? each.path : [];
    return !(typeof path === "string" && basename(path) === dotenv);
  });
  return { ...service, environment };
}

/** The variables of the file, or of `.env` beside the source, if there is one. */
function variablesOf(named: string | null, source: string | null): Map<string, string> {
  const file = named ?? (source === null ? null : join(dirname(source), dotenv));
  if (file === null || (named === null && !existsSync(file))) return new Map();
  try {
    return new Map(Object.entries(parse(readFileSync(file))));
  } catch (error) {
    throw new FatalError(`unable to read it: ${reasonOf(errnoOf(error))}`, file);
  }
}

/** How to reach the processes, for whoever sits at the terminal. */
function tell(project: string): void {
  if (!isTerminal(2)) return;
  writeText(2, `upkeep run: from another terminal, in ${project}: sv list, sv restart NAME, sv log -f\n`);
}

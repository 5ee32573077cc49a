import { mostCopies, tooManyServices } from "../copies.ts";
import { emptyService, type Entry, type Failure, type Imported, type Outcome, type Service } from "../model.ts";
import { nearest } from "../nearest.ts";
import { lost, needless, became } from "../outcome.ts";
import { problemOfName } from "../service-name.ts";
import { translate } from "../subject.ts";
import { linesOf } from "../tree/lines.ts";
import { variablesOf } from "../tree/variables.ts";
import { count, describeTree, type Field, fieldOf, type Mapping, text, type Tree } from "../tree/tree.ts";
import { Values } from "../subject.ts";
import { endConditions, type Process } from "./context.ts";
import { conditionOf, lifeSubjects } from "./subjects-life.ts";
import { probeSubjects } from "./subjects-probes.ts";
import { runSubjects } from "./subjects-run.ts";

const nested = [
  "availability",
  "shutdown",
  "readiness_probe",
  "readiness_probe.exec",
  "readiness_probe.http_get",
  "liveness_probe",
  "liveness_probe.exec",
  "liveness_probe.http_get",
];

/** Translates a process-compose file in this directory. */
export function importProcessCompose(tree: Tree, file: string, directory: string): Imported {
  const processes = fieldOf(tree, "processes");
  if (tree.kind !== "map" || processes?.kind !== "map")
    return { services: [], entries: [], failures: [{ place: { file, line: tree.line }, text: "has no processes" }] };
  const excess = tooManyServices(
    processes.entries.map(({ value }) => replicasOf(value)),
    file,
  );
  if (excess !== null) return { services: [], entries: [], failures: [excess] };
  const base = globalVariables(tree, file);
  const shell = text(fieldOf(fieldOf(tree, "shell") ?? tree, "shell_command") ?? tree) ?? "bash";
  const names = new Map(processes.entries.map((field) => [field.key, copyNames(field)]));
  const waits = processes.entries.flatMap(({ value }) => dependenciesOf(value));
  const awaitedEnds = new Set(
    waits.filter(({ value }) => endConditions.includes(conditionOf(value))).map(({ key }) => key),
  );
  const all = processes.entries.map((field) =>
    importProcess(field, file, {
      name: field.key,
      directory,
      shell,
      others: names,
      awaited: new Set(waits.filter(({ key }) => key === field.key).map(({ value }) => conditionOf(value))),
      awaitedEnds,
    }),
  );
  return {
    services: all.flatMap(({ services }) =>
      services.map((service) => ({ ...service, environment: [...base.environment, ...service.environment] })),
    ),
    entries: [...base.entries, ...all.flatMap(({ entries }) => entries)],
    failures: all.flatMap(({ failures }) => failures),
  };
}

function dependenciesOf(process: Tree): readonly Field[] {
  const tree = fieldOf(process, "depends_on");
  return tree?.kind === "map" ? tree.entries : [];
}

function replicasOf(process: Tree): number {
  return count(fieldOf(process, "replicas") ?? process) ?? 1;
}

/** One name, or one for each copy. */
function copyNames({ key, value }: Field): readonly string[] {
  const copies = replicasOf(value);
  if (copies === 1) return [key];
  const width = String(copies - 1).length;
  return Array.from(
    { length: Math.min(copies, mostCopies) },
    (_each, at) => `${key}-${String(at).padStart(width, "0")}`,
  );
}

function importProcess({ key: name, value, line }: Field, file: string, process: Process): Imported {
  const place = { file, line };
  const names = process.others.get(name) ?? [];
  const fail = (problem: string): Imported => ({ services: [], entries: [], failures: [{ place, text: problem }] });
  if (value.kind !== "map") return fail(`process ${name}: is not a mapping`);
  const { service, entries } = translate(
    [...runSubjects, ...lifeSubjects, ...probeSubjects],
    linesOf(value, file, nested),
    process,
    emptyService(name, `${file}, ${name}`),
  );
  const problem = replicasOf(value) > mostCopies ? `has more than ${mostCopies} replicas` : problemOfName(name);
  const failures: readonly Failure[] =
    problem !== null
      ? [{ place, text: `the name ${name} ${problem}` }]
      : service.command.kind === "words" && service.command.words.length === 0
        ? [{ place, text: `process ${name}: has no command` }]
        : [];
  const services = failures.length > 0 ? [] : names.map((each, at): Service => copyOf(service, each, at, names.length));
  return { services, entries, failures };
}

function copyOf(service: Service, name: string, at: number, copies: number): Service {
  if (copies === 1) return service;
  return { ...service, name, environment: [...service.environment, ["PC_REPLICA_NUM", [String(at)]]] };
}

/** Keys beside the processes. */
const globals: Readonly<Record<string, Outcome>> = {
  version: needless("it is for process-compose"),
  processes: became("the services below"),
  shell: became("run: the shell of each command"),
  log_level: needless("runsvdir writes to its standard error"),
  log_length: needless("sv log shows as many lines as it is asked for"),
  log_format: needless("runsvdir writes to its standard error"),
  log_location: lost("there is no file with all lines", "redirect the output of runsvdir"),
  log_configuration: needless("svlogd, or who reads the output of runsvdir, decides about logs"),
  is_strict: needless("upkeep import --strict does that"),
  is_tui_disabled: needless("sv top is a command of its own"),
  ordered_shutdown: needless("runsvdir --orderly does that"),
  disable_env_expansion: lost("variables are put in at the start", "write \\$ in run for a $"),
  is_dotenv_disabled: needless("no .env is read"),
  vars: lost("nothing is put into templates", "write the values into run"),
  extends: lost("the other file is not read", "import that one as well"),
  env_cmds: lost("no command is asked for a variable", "write export NAME=$(COMMAND) into run"),
};

function globalVariables(
  tree: Mapping,
  file: string,
): { readonly environment: ReturnType<typeof variablesOf>["environment"]; readonly entries: readonly Entry[] } {
  const lines = linesOf(tree, file, []);
  const { environment, outcome } = variablesOf(new Values(Map.groupBy(lines, ({ key }) => key)), "environment");
  const known = [...Object.keys(globals), "environment"];
  const outcomes: Readonly<Record<string, Outcome>> = { ...globals, environment: outcome };
  return {
    environment,
    entries: lines.map(({ key, value, place }): Entry => ({
      program: null,
      key,
      value: key === "processes" ? "" : describeTree(value),
      place,
      outcome: key.startsWith("x-")
        ? needless("it is for anchors")
        : (outcomes[key] ?? { kind: "unknown", nearest: nearest(key, known) }),
    })),
  };
}

import { emptyService, type Entry, type Failure, type Imported, type Outcome, type Service } from "../model.ts";
import { became, needless } from "../outcome.ts";
import { problemOfName } from "../service-name.ts";
import { type Line, translate } from "../subject.ts";
import type { Unit } from "./context.ts";
import { otherSubjects, installSubjects } from "./other-keys.ts";
import { unitName } from "./specifiers.ts";
import { subject, type UnitSubject } from "./subject.ts";
import { directorySubjects } from "./subjects-directories.ts";
import { execSubjects } from "./subjects-exec.ts";
import { limitSubjects } from "./subjects-limits.ts";
import { orderSubjects, unitsOf } from "./subjects-order.ts";
import { outputSubjects } from "./subjects-output.ts";
import { restartSubjects } from "./subjects-restart.ts";
import { runSubjects } from "./subjects-run.ts";
import { stopSubjects } from "./subjects-stop.ts";
import type { UnitFile, UnitLine } from "./unit.ts";

/** A unit with its drop-ins, in the order in which they count. */
export interface UnitSource {
  /** The name, `web@1.service`, which may be the name of an instance of the file. */
  readonly name: string;
  readonly file: string;
  readonly files: readonly UnitFile[];
}

const description = subject(["Description"], (values) => ({
  outcomes: { Description: values.has("Description") ? became("run: the comment") : needless("there is none") },
}));

const serviceSubjects: readonly UnitSubject[] = [
  ...runSubjects,
  ...directorySubjects,
  ...limitSubjects,
  ...execSubjects,
  ...restartSubjects,
  ...stopSubjects,
  ...outputSubjects,
];
const subjects: readonly UnitSubject[] = [
  description,
  ...orderSubjects,
  ...serviceSubjects,
  ...otherSubjects,
  ...installSubjects,
];

/** Which section a key belongs into. systemd ignores it in another one. */
const sections: ReadonlyMap<string, string> = new Map([
  ...serviceSubjects.flatMap(({ keys }) => keys).map((key) => [key, "Service"] as const),
  ...[description, ...orderSubjects].flatMap(({ keys }) => keys).map((key) => [key, "Unit"] as const),
  ...installSubjects.flatMap(({ keys }) => keys).map((key) => [key, "Install"] as const),
]);
const inBoth: readonly string[] = [
  "StartLimitIntervalSec",
  "StartLimitInterval",
  "StartLimitBurst",
  "StartLimitAction",
];

/** Translates units of the system. `variables` are the files of variables that could be read. */
export function importSystemd(sources: readonly UnitSource[], variables: ReadonlyMap<string, string>): Imported {
  const others = new Set(sources.map(({ name }) => name));
  const all = sources.map((source) => importUnit(source, others, variables));
  const services = all.flatMap(({ service }) => (service === null ? [] : [service]));
  return {
    services: services.map((service) => ({ ...service, dependencies: dependenciesOf(service, services, all) })),
    entries: all.flatMap(({ entries }) => entries),
    failures: all.flatMap(({ failures }) => failures),
  };
}

interface ImportedUnit {
  readonly service: Service | null;
  readonly entries: readonly Entry[];
  readonly failures: readonly Failure[];
  /** Services that wait for this one. */
  readonly before: readonly string[];
}

/** `Before=` is told by the unit that the others wait for. Nobody waits for a unit that is not imported. */
function dependenciesOf(
  service: Service,
  services: readonly Service[],
  units: readonly ImportedUnit[],
): readonly string[] {
  const told = units.flatMap((unit) =>
    unit.service !== null && unit.before.includes(service.name) ? [unit.service.name] : [],
  );
  const names = new Set([...service.dependencies, ...told]);
  return [...names].filter((name) => name !== service.name && services.some((other) => other.name === name));
}

function importUnit(
  { name: fileName, file, files }: UnitSource,
  others: ReadonlySet<string>,
  variables: ReadonlyMap<string, string>,
): ImportedUnit {
  const name = unitName(fileName);
  const lines = files.flatMap((each) => each.lines);
  const problems: readonly Failure[] = files.flatMap((each) => each.problems);
  const { counting, idle } = withoutEmptied(lines, name.name);
  const value = (key: string, byDefault: string): string =>
    counting.findLast((line) => line.key === key)?.value ?? byDefault;
  const isBus = counting.some(({ key }) => key === "BusName");
  const unit: Unit = {
    name,
    file,
    type: value("Type", isBus ? "dbus" : value("ExecStart", "") === "" ? "oneshot" : "simple"),
    restart: value("Restart", "no"),
    others,
    variables,
  };
  const text = value("Description", "");
  const start = emptyService(name.name, `${file}${text === "" ? "" : `: ${text}`}`);
  const known = counting.filter(({ key, section }) => isAtHome(key, section));
  const { service, entries } = translate(
    subjects,
    known.map(({ key, value: stated, place }): Line<string> => ({ key, value: stated, shown: stated, place })),
    unit,
    start,
  );
  const astray = counting
    .filter(({ key, section }) => !isAtHome(key, section))
    .map((line) => strayEntry(line, name.name));
  const failures = failuresOf(service, unit, counting);
  return {
    service: failures.length === 0 ? service : null,
    entries: inOrder([...entries, ...idle, ...astray], lines),
    failures: [...problems, ...failures],
    before: counting
      .filter(({ key }) => key === "Before")
      .flatMap((line) => unitsOf(line.value, unit))
      .map((other) => unitName(other).name),
  };
}

/** An empty value takes back all of the key before it. */
function withoutEmptied(
  lines: readonly UnitLine[],
  program: string,
): { readonly counting: readonly UnitLine[]; readonly idle: readonly Entry[] } {
  const idle: Entry[] = [];
  const emptied = new Map(lines.flatMap((line, at) => (line.value === "" ? [[line.key, at] as const] : [])));
  const counting = lines.filter((line, at) => {
    const by = emptied.get(line.key) ?? -1;
    const emptying = by > at ? lines[by] : undefined;
    const outcome: Outcome | null =
      emptying !== undefined
        ? needless(`${emptying.place.file}:${emptying.place.line} takes it back`)
        : line.value === ""
          ? needless("it is empty")
          : null;
    if (outcome !== null) idle.push({ program, key: line.key, value: line.value, place: line.place, outcome });
    return outcome === null;
  });
  return { counting, idle };
}

function isAtHome(key: string, section: string): boolean {
  const home = sections.get(key);
  if (!["Unit", "Service", "Install"].includes(section) || key.startsWith("X-")) return false;
  return home === undefined || home === section || (inBoth.includes(key) && section === "Unit");
}

function strayEntry({ key, section, value, place }: UnitLine, program: string): Entry {
  const home = sections.get(key);
  const outcome: Outcome =
    section.startsWith("X-") || key.startsWith("X-")
      ? needless("it is for other programs")
      : home === undefined
        ? { kind: "bad", problem: `stands in [${section}], which a service does not have` }
        : { kind: "bad", problem: `stands in [${section}], and counts in [${home}] only` };
  return { program, key, value, place, outcome };
}

function failuresOf(service: Service, { name, type, file }: Unit, lines: readonly UnitLine[]): readonly Failure[] {
  const starts = lines.filter(({ key }) => key === "ExecStart");
  const place = starts.at(0)?.place ?? { file, line: 1 };
  const problem = problemOfName(name.name);
  if (problem !== null) return [{ place, text: `the name ${problem}` }];
  if (name.prefix !== name.name && name.instance === "")
    return [{ place, text: `it is a template: name an instance, as in ${name.prefix}@NAME.service` }];
  if (starts.length > 1 && type !== "oneshot")
    return [{ place: starts[1]?.place ?? place, text: "has a second ExecStart, which only Type=oneshot may have" }];
  const isEmpty = service.command.kind === "words" && service.command.words.length === 0;
  return isEmpty ? [{ place, text: "has no ExecStart that can be read" }] : [];
}

/** In the order of the lines, and then the defaults. */
function inOrder(entries: readonly Entry[], lines: readonly UnitLine[]): readonly Entry[] {
  const at = new Map(lines.map(({ place }, index) => [place, index]));
  const rank = ({ place }: Entry): number => (place === null ? lines.length : (at.get(place) ?? lines.length));
  return entries.toSorted((left, right) => rank(left) - rank(right));
}

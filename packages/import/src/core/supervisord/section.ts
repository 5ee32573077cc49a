import type { IniKey, IniSection } from "../ini.ts";
import { emptyService, type Entry, type Failure, type Outcome, type Place, type Service } from "../model.ts";
import { mostCopies } from "../copies.ts";
import { nearest } from "../nearest.ts";
import { problemOfName } from "../service-name.ts";
import { became, needless } from "../outcome.ts";
import { type Setting, type Subject, Values } from "./program.ts";
import { outputSubjects } from "./subjects-output.ts";
import { restartSubjects } from "./subjects-restart.ts";
import { runSubjects } from "./subjects-run.ts";
import { merge } from "../subject.ts";
import { expand, type Known } from "./template.ts";
import { integer, whole } from "../values.ts";

const defaultPriority = 999;

const subjects: readonly Subject[] = [...runSubjects, ...restartSubjects, ...outputSubjects];
const ownKeys = ["process_name", "numprocs", "numprocs_start", "priority"];
const programKeys: readonly string[] = [...subjects.flatMap(({ keys }) => keys), ...ownKeys];

/** What all programs of a file have in common. */
export interface Common {
  readonly file: string;
  readonly setting: Setting;
  /** What each service is before its own section is read. */
  readonly base: Pick<Service, "user" | "umask" | "environment" | "directory">;
}

/** A program section. */
export interface Program {
  readonly name: string;
  readonly services: readonly Service[];
  /** All keys but `priority`, which means something only beside the other programs. */
  readonly entries: readonly Entry[];
  readonly failures: readonly Failure[];
  readonly priority: { readonly value: number; readonly stated: IniKey | null; readonly isBad: boolean };
}

/** Translates `[program:NAME]`, of which there may be several parts: the last value of a key counts, as there. */
export function translateProgram(
  name: string,
  group: string,
  sections: readonly IniSection[],
  { file, setting, base }: Common,
): Program {
  const stated = Map.groupBy(
    sections.flatMap(({ keys }) => keys),
    ({ key }) => key,
  );
  const known = { ...setting.known, program_name: name, group_name: group };
  const own = new Values<"process_name" | "numprocs" | "numprocs_start" | "priority">(stated, known);
  const count = own.read("numprocs", whole, 1, "a whole number");
  const start = own.read("numprocs_start", whole, 0, "a whole number");
  const priority = own.read("priority", integer, defaultPriority, "a whole number");
  const place = { file, line: sections[0]?.line ?? 1 };
  const fail = (text: string): Failure => ({ place, text: `program ${name}: ${text}` });

  const failures: Failure[] = [];
  const services: Service[] = [];
  const outcomes = new Map<string, Outcome>();
  if (count < 1 || count > mostCopies) failures.push(fail(`numprocs ${count} is not a number from 1 to ${mostCopies}`));
  else {
    for (let copy = start; copy < start + count; copy++) {
      const inCopy = { ...known, process_num: copy, numprocs: count };
      const serviceName = nameOfProcess(
        stated.get("process_name")?.at(-1)?.value ?? "%(program_name)s",
        inCopy,
        services,
      );
      if (typeof serviceName !== "string") {
        failures.push(fail(serviceName.problem));
        break;
      }
      services.push(
        translateCopy(serviceName, stated, { ...setting, known: inCopy }, base, `${file}, program ${name}`, outcomes),
      );
    }
  }
  if (services.some(({ command }) => command.kind === "words" && command.words.length === 0)) {
    failures.push(fail(stated.has("command") ? "its command cannot be read" : "it has no command"));
  }
  // supervisord takes all of a program or nothing.
  if (failures.length > 0) services.length = 0;
  outcomes.set("process_name", became(`the name of the directory`));
  outcomes.set(
    "numprocs",
    own.outcome("numprocs", count === 1 ? needless("there is one anyway") : became(`${count} directories`)),
  );
  outcomes.set("numprocs_start", own.outcome("numprocs_start", became("the names of the directories")));
  return {
    name,
    services,
    entries: entriesOf(name, sections, services.length === 0 ? withoutService(outcomes) : outcomes, file),
    failures,
    priority: {
      value: priority,
      stated: stated.get("priority")?.at(-1) ?? null,
      isBad: own.outcome("priority", needless("")).kind === "bad",
    },
  };
}

function nameOfProcess(text: string, known: Known, others: readonly Service[]): string | { readonly problem: string } {
  const name = expand(text, known);
  if (typeof name === "string") return { problem: `process_name ${name}` };
  if (name.expansions.length > 0) return { problem: "process_name has a variable, which is known only at the start" };
  const problem = problemOfName(name.text);
  if (problem !== null) return { problem: `its name ${problem}` };
  if (!others.some((other) => other.name === name.text)) return name.text;
  return { problem: "process_name must have %(process_num)d where there are several" };
}

/** One process of the program. The outcomes are the same for all. */
function translateCopy(
  name: string,
  stated: ReadonlyMap<string, readonly IniKey[]>,
  setting: Setting,
  base: Common["base"],
  origin: string,
  outcomes: Map<string, Outcome>,
): Service {
  let service: Service = { ...emptyService(name, origin), ...base };
  for (const subject of subjects) {
    const translation = subject.translate(new Values(stated, setting.known), service, setting);
    service = merge(service, translation.change);
    for (const key of subject.keys) {
      const outcome = translation.outcomes[key];
      if (outcome !== undefined) outcomes.set(key, outcome);
    }
  }
  return service;
}

/** Where nothing is imported, nothing became of a key. What is wrong with it remains. */
function withoutService(outcomes: ReadonlyMap<string, Outcome>): ReadonlyMap<string, Outcome> {
  return new Map([...outcomes].filter(([, { kind }]) => kind === "bad"));
}

/** An entry for each line, and one for each default that became something. */
function entriesOf(
  program: string,
  sections: readonly IniSection[],
  outcomes: ReadonlyMap<string, Outcome>,
  file: string,
): readonly Entry[] {
  const lines = sections.flatMap(({ keys }) => keys);
  const last = new Map(lines.map((key) => [key.key, key]));
  const stated = lines
    .filter((key) => key.key !== "priority" || last.get("priority") !== key)
    .map((key) =>
      entry(program, key, { file, line: key.line }, outcomeOfLine(key, last.get(key.key) ?? key, outcomes)),
    );
  const defaults = programKeys
    .filter(
      (key) =>
        !last.has(key) && outcomes.get(key)?.kind === "became" && !key.startsWith("numprocs") && key !== "process_name",
    )
    .map((key) => entry(program, { key, value: "" }, null, outcomes.get(key) ?? needless("")));
  return [...stated, ...defaults];
}

function outcomeOfLine(key: IniKey, last: IniKey, outcomes: ReadonlyMap<string, Outcome>): Outcome {
  if (last !== key) return { kind: "bad", problem: `counts no more: line ${last.line} has it again` };
  return (
    outcomes.get(key.key) ??
    (programKeys.includes(key.key) ? needless("the program is not imported") : unknownKey(key.key))
  );
}

function unknownKey(key: string): Outcome {
  return { kind: "unknown", nearest: nearest(key, programKeys) };
}

/** Makes an entry. */
export function entry(
  program: string | null,
  { key, value }: Pick<IniKey, "key" | "value">,
  place: Place | null,
  outcome: Outcome,
): Entry {
  return { program, key, value, place, outcome };
}

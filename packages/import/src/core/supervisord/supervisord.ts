import { tooManyServices } from "../copies.ts";
import type { Ini, IniSection } from "../ini.ts";
import type { Entry, Failure, Imported } from "../model.ts";
import { separateLogs, tellMove } from "../separate-logs.ts";
import { whole } from "../values.ts";
import { entriesBeside, readDaemon } from "./other-sections.ts";
import { orderByPriority } from "./priorities.ts";
import { type Common, type Program, translateProgram } from "./section.ts";

/** A file of supervisord, with the files that it includes. */
export interface SupervisordFile {
  readonly file: string;
  /** Directory of the file, which `%(here)s` stands for. */
  readonly here: string;
  readonly ini: Ini;
  /** Only the first file may include others. */
  readonly isIncluded: boolean;
}

/** Translates a configuration of supervisord 4: the main file first, then those that it includes. */
export function importSupervisord(files: readonly SupervisordFile[]): Imported {
  const entries: Entry[] = [];
  const failures: Failure[] = files.flatMap(({ file, ini }) =>
    ini.problems.map(({ line, text }) => ({ place: { file, line }, text })),
  );
  const [main] = files;
  const all = files.flatMap(({ file, here, ini, isIncluded }) =>
    ini.sections.map((section) => ({ file, here, section, isIncluded })),
  );
  const copies = all.flatMap(({ section }) => section.keys.filter(({ key }) => key === "numprocs"));
  const excess = tooManyServices(
    copies.map(({ value }) => whole(value) ?? 1),
    main?.file ?? "",
  );
  if (excess !== null) return { services: [], entries: [], failures: [excess] };
  const daemon = all.filter(({ section }) => section.name === "supervisord");
  const common = readDaemon(
    daemon.flatMap(({ section }) => section.keys),
    main?.here ?? "/",
  );
  const groups = groupsOf(all.map(({ section }) => section));
  for (const { file, section, isIncluded } of all)
    entries.push(...entriesBeside(file, section, isIncluded, common.outcomes));

  const programs: { readonly file: string; readonly program: Program }[] = [];
  for (const [name, parts] of Map.groupBy(all, ({ section }) => section.name)) {
    const program = /^program:(.*)$/.exec(name)?.[1]?.trim();
    const [first] = parts;
    if (program === undefined || first === undefined) continue;
    const { file, here } = first;
    const setting = { ...common.setting, known: { ...common.setting.known, here } };
    const context: Common = { ...common, setting, file };
    programs.push({
      file,
      program: translateProgram(
        program,
        groups.get(program) ?? program,
        parts.map(({ section }) => section),
        context,
      ),
    });
  }
  const twice = duplicates(programs.map(({ program }) => program));
  const unique = programs.map(({ file, program }) => ({
    file,
    program: { ...program, services: program.services.filter(({ name }) => !twice.has(name)) },
  }));
  failures.push(
    ...[...twice].map((name) => ({
      place: { file: main?.file ?? "", line: 1 },
      text: `two programs are called ${name}`,
    })),
  );
  const ordered = orderByPriority(
    unique.map(({ program }) => program),
    main?.file ?? "",
  );
  const services = separateLogs(ordered.services);
  const moved = new Set(services.filter((service) => !ordered.services.includes(service)).map(({ name }) => name));
  return {
    services,
    entries: [
      ...entries,
      ...unique.flatMap(({ program: { name, services: own, entries: keys } }) => {
        const isMoved = own.some((service) => moved.has(service.name));
        const others = keys.map((each) => (isMoved && each.key === "stdout_logfile" ? tellMove(each) : each));
        return inLines([...others, ...ordered.entries.filter(({ program }) => program === name)]);
      }),
    ],
    failures: [...failures, ...unique.flatMap(({ program }) => program.failures)],
  };
}

/** The keys in the order of their lines, and then the defaults. */
function inLines(entries: readonly Entry[]): readonly Entry[] {
  const lineOf = ({ place }: Entry): number => place?.line ?? Number.POSITIVE_INFINITY;
  return entries.toSorted((left, right) => (lineOf(left) === lineOf(right) ? 0 : lineOf(left) - lineOf(right)));
}

function duplicates(programs: readonly Program[]): ReadonlySet<string> {
  const names = programs.flatMap(({ services }) => services.map(({ name }) => name));
  return new Set(names.filter((name, at) => names.indexOf(name) !== at));
}

function groupsOf(sections: readonly IniSection[]): ReadonlyMap<string, string> {
  return new Map(
    sections.flatMap(({ name, keys }) => {
      const group = /^group:(.*)$/.exec(name)?.[1]?.trim();
      const programs = keys.find(({ key }) => key === "programs")?.value ?? "";
      return group === undefined ? [] : programs.split(",").map((program) => [program.trim(), group] as const);
    }),
  );
}

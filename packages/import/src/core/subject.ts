import type { Entry, Outcome, Place, Service } from "./model.ts";
import { nearest } from "./nearest.ts";
import { needless } from "./outcome.ts";

/** A key of the source as it stands there: text in ini files, a tree in others. */
export interface Line<Raw> {
  readonly key: string;
  readonly value: Raw;
  /** The value for people. */
  readonly shown: string;
  readonly place: Place;
}

/** What a subject makes of its keys. Lists and records are added to those of the service, the rest replaces it. */
export interface Translation<Key extends string> {
  readonly change?: Partial<Service>;
  /** For every key, stated or not, so that no key of a subject can be forgotten; a list has one for each line. */
  readonly outcomes: Readonly<Record<Key, Outcome | readonly Outcome[]>>;
}

/** Keys that make sense only together, and what they become. */
export interface Subject<Raw, Context, Key extends string = string> {
  readonly keys: readonly Key[];
  translate(values: Values<Key, Raw>, context: Context, service: Service): Translation<Key>;
}

/** {@link makeSubject} for one format. */
export type MakeSubject<Raw, Context> = <Key extends string>(
  keys: readonly Key[],
  translate: Subject<Raw, Context, Key>["translate"],
) => Subject<Raw, Context>;

/** Makes a subject whose keys the compiler knows: none can be forgotten or misspelt. */
export function makeSubject<Raw, Context, Key extends string>(
  keys: readonly Key[],
  toService: Subject<Raw, Context, Key>["translate"],
): Subject<Raw, Context> {
  return { keys, translate: toService };
}

/** What a key is given on one line. */
export type Stated<Raw> = Pick<Line<Raw>, "value">;

/** The keys of one subject. */
export class Values<Key extends string, Raw> {
  readonly #lines: ReadonlyMap<string, readonly Stated<Raw>[]>;
  readonly #problems = new Map<string, string>();

  constructor(lines: ReadonlyMap<string, readonly Stated<Raw>[]>) {
    this.#lines = lines;
  }

  has(key: Key): boolean {
    return this.#lines.has(key);
  }

  lines(key: Key): readonly Stated<Raw>[] {
    return this.#lines.get(key) ?? [];
  }

  last(key: Key): Raw | null {
    return this.lines(key).at(-1)?.value ?? null;
  }

  /** The value as `parse` takes it, or the default of the source. A value that it refuses is told by the outcome. */
  read<Value>(key: Key, parse: (raw: Raw) => Value | null, byDefault: Value, allowed: string): Value {
    const raw = this.last(key);
    if (raw === null) return byDefault;
    const value = parse(raw);
    if (value === null) this.refuse(key, `is not ${allowed}`);
    return value ?? byDefault;
  }

  /** Marks a value as one that the source refuses. */
  refuse(key: Key, problem: string): void {
    this.#problems.set(key, problem);
  }

  /** What is wrong with the value, or this outcome. */
  outcome(key: Key, otherwise: Outcome): Outcome {
    const problem = this.#problems.get(key);
    return problem === undefined ? otherwise : { kind: "bad", problem };
  }
}

/** Translates the keys of one program, of which each becomes an entry: of a subject, or as an unknown key. */
export function translate<Raw, Context>(
  subjects: readonly Subject<Raw, Context>[],
  lines: readonly Line<Raw>[],
  context: Context,
  program: Service,
): { readonly service: Service; readonly entries: readonly Entry[] } {
  const byKey = Map.groupBy(lines, ({ key }) => key);
  const outcomes = new Map<string, Outcome | readonly Outcome[]>();
  let service = program;
  for (const subject of subjects) {
    const translation = subject.translate(new Values(byKey), context, service);
    service = merge(service, translation.change ?? {});
    for (const key of subject.keys) outcomes.set(key, translation.outcomes[key] ?? needless("it says nothing"));
  }
  const known = [...outcomes.keys()];
  const positions = new Map([...byKey.values()].flatMap((same) => same.map((line, at) => [line, at] as const)));
  const stated = lines.map((line): Entry => {
    const { key, shown, place } = line;
    const outcome = outcomes.get(key) ?? { kind: "unknown" as const, nearest: nearest(key, known) };
    return {
      program: program.name,
      key,
      value: shown,
      place,
      outcome: ofLine(outcome, positions.get(line) ?? 0, byKey.get(key) ?? []),
    };
  });
  const defaults = known.flatMap((key): readonly Entry[] => {
    const outcome = outcomes.get(key);
    if (byKey.has(key) || outcome === undefined || !("kind" in outcome) || outcome.kind !== "became") return [];
    return [{ program: program.name, key, value: "", place: null, outcome }];
  });
  return { service, entries: [...stated, ...defaults] };
}

function ofLine<Raw>(outcome: Outcome | readonly Outcome[], at: number, lines: readonly Line<Raw>[]): Outcome {
  if (!("kind" in outcome)) return outcome[at] ?? needless("it says nothing");
  const last = lines.at(-1);
  return last === undefined || at === lines.length - 1 ? outcome : needless(`line ${last.place.line} replaces it`);
}

/** The service with more of everything that it may have several of. */
export function merge(service: Service, change: Partial<Service>): Service {
  const both = <Item>(one: readonly Item[], other: readonly Item[] = []): readonly Item[] => [...one, ...other];
  return {
    ...service,
    ...change,
    options: both(service.options, change.options),
    environment: both(service.environment, change.environment),
    prepare: both(service.prepare, change.prepare),
    before: both(service.before, change.before),
    files: both(service.files, change.files),
    dependencies: [...new Set(both(service.dependencies, change.dependencies))],
    settings: { ...service.settings, ...change.settings },
    scripts: { ...service.scripts, ...change.scripts },
  };
}

/** Keys that become the same, whatever their values are. */
export function always<Raw, Context>(outcome: Outcome, keys: readonly string[]): Subject<Raw, Context> {
  return {
    keys,
    translate: (values) => ({
      outcomes: outcomesOf(keys, (key) => values.lines(key).map(() => outcome)),
    }),
  };
}

/** The outcomes of keys that are alike. */
export function outcomesOf<Key extends string, Result extends Outcome | readonly Outcome[]>(
  keys: readonly Key[],
  outcome: (key: Key) => Result,
): Readonly<Record<Key, Result>> {
  return Object.fromEntries(keys.map((key) => [key, outcome(key)])) as Record<Key, Result>;
}

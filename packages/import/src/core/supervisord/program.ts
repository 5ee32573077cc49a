import type { IniKey } from "../ini.ts";
import type { Outcome, Service } from "../model.ts";
import { expand, type Known, type Template } from "./template.ts";

/** What a program section is translated in: what supervisord knows when it starts the process. */
export interface Setting {
  readonly known: Known;
  /** Directory of the automatic logs of children. */
  readonly logDirectory: string;
}

/** What a subject makes of its keys. */
export interface Translation<Key extends string> {
  readonly change: Partial<Service>;
  /** For every key, stated or not: so no key of a subject can be forgotten. */
  readonly outcomes: Readonly<Record<Key, Outcome>>;
}

/** Keys that make sense only together, and what they become. */
export interface Subject<Key extends string = string> {
  readonly keys: readonly Key[];
  translate(values: Values<Key>, service: Service, setting: Setting): Translation<Key>;
}

/** A helper that lets the compiler see the keys of a subject. */
export function subject<Key extends string>(keys: readonly Key[], translate: Subject<Key>["translate"]): Subject<Key> {
  return { keys, translate };
}

/** The values of the keys of a subject, expanded. */
export class Values<Key extends string> {
  readonly #stated: ReadonlyMap<string, IniKey>;
  readonly #known: Known;
  readonly #problems = new Map<string, string>();

  constructor(stated: ReadonlyMap<string, IniKey>, known: Known) {
    this.#stated = stated;
    this.#known = known;
  }

  has(key: Key): boolean {
    return this.#stated.has(key);
  }

  /** The expanded value; null where the key is not stated, or cannot be expanded, which its outcome will tell. */
  template(key: Key): Template | null {
    const stated = this.#stated.get(key);
    if (stated === undefined) return null;
    const template = expand(stated.value, this.#known);
    if (typeof template !== "string") return template;
    this.#problems.set(key, template);
    return null;
  }

  /** The value as `parse` takes it, or the default of supervisord. A value that it refuses is told by the outcome. */
  read<Value>(key: Key, parse: (text: string) => Value | null, byDefault: Value, allowed: string): Value {
    const template = this.template(key);
    if (template === null) return byDefault;
    const value = parse(template.text);
    if (value !== null) return value;
    this.#problems.set(key, `is not ${allowed}`);
    return byDefault;
  }

  /** What is wrong with the value, or this outcome. */
  outcome(key: Key, otherwise: Outcome): Outcome {
    const problem = this.#problems.get(key);
    return problem === undefined ? otherwise : { kind: "bad", problem };
  }

  /** Marks a value as one that supervisord refuses. */
  refuse(key: Key, problem: string): void {
    this.#problems.set(key, problem);
  }
}

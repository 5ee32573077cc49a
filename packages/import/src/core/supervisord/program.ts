import type { IniKey } from "../ini.ts";
import type { Outcome, Service } from "../model.ts";
import { Values as Unexpanded } from "../subject.ts";
import { expand, type Known, type Template } from "./template.ts";

/** What a program section is translated in: what supervisord knows when it starts the process. */
export interface Setting {
  readonly known: Known;
  /** Directory of the automatic logs of children. */
  readonly logDirectory: string;
}

/** What a subject makes of its keys. Lists and records are added to those of the service, the rest replaces it. */
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
export class Values<Key extends string> extends Unexpanded<Key, string> {
  readonly #known: Known;

  constructor(stated: ReadonlyMap<string, readonly IniKey[]>, known: Known) {
    super(stated);
    this.#known = known;
  }

  /** The expanded value; null where the key is not stated, or cannot be expanded, which its outcome will tell. */
  template(key: Key): Template | null {
    const stated = super.last(key);
    const template = stated === null ? null : expand(stated, this.#known);
    if (typeof template !== "string") return template;
    this.refuse(key, template);
    return null;
  }

  /** The text of the template, which is what `read` parses. */
  override last(key: Key): string | null {
    return this.template(key)?.text ?? null;
  }
}

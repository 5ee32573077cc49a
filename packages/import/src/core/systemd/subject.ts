import type { Outcome } from "../model.ts";
import { bad } from "../outcome.ts";
import { type MakeSubject, makeSubject, type Stated, type Subject, type Values } from "../subject.ts";
import { describeWord, type Word } from "../words.ts";
import { type ExecLine, readCommands } from "./command-line.ts";
import type { Unit } from "./context.ts";
import { expandSpecifiers } from "./specifiers.ts";

export type UnitSubject = Subject<string, Unit>;

export const subject: MakeSubject<string, Unit> = makeSubject;

/** What each line of a key makes: with an item where systemd takes it. */
export interface Each<Item> {
  readonly items: readonly Item[];
  readonly outcomes: readonly Outcome[];
}

/** Reads each line of a key. `read` returns the problem where systemd would refuse it. */
export function each<Item>(
  lines: readonly Stated<string>[],
  read: (value: string) => Item | string,
  outcome: (item: Item) => Outcome,
): Each<Item> {
  const all = lines.map(({ value }) => read(value));
  return {
    items: all.filter((item): item is Exclude<typeof item, string> => typeof item !== "string"),
    outcomes: all.map((item) => (typeof item === "string" ? bad(item) : outcome(item))),
  };
}

/** The commands of all lines of a key. */
export function commandsOf<Key extends string>(
  values: Values<Key, string>,
  key: Key,
  unit: Unit,
  outcome: (commands: readonly ExecLine[]) => Outcome,
): Each<ExecLine> {
  const { items, outcomes } = each(values.lines(key), (value) => readCommands(value, unit), outcome);
  return { items: items.flat(), outcomes };
}

/** The last value of a key, with its specifiers; null where there is none, or a bad one, which its outcome tells. */
function wordOf<Key extends string>(values: Values<Key, string>, key: Key, unit: Unit): Word | null {
  const value = values.last(key);
  if (value === null) return null;
  const word = expandSpecifiers(value, unit.name, unit.file);
  if (typeof word !== "string") return word;
  values.refuse(key, word);
  return null;
}

/** The same where only text will do. */
export function textOf<Key extends string>(values: Values<Key, string>, key: Key, unit: Unit): string | null {
  const word = wordOf(values, key, unit);
  if (word === null) return null;
  if (word.every((part) => typeof part === "string")) return describeWord(word);
  values.refuse(key, "has a specifier that is known only at the start");
  return null;
}

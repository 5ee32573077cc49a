import type { Outcome } from "../model.ts";
import { became, needless } from "../outcome.ts";
import type { Values } from "../subject.ts";
import { describeWord, type Word } from "../words.ts";
import { interpolate } from "./interpolation.ts";
import { pairs, type Tree } from "./tree.ts";

/** The variables of a key: a mapping, or a list. One without a value is passed on anyway. */
export function variablesOf<Key extends string>(
  values: Values<Key, Tree>,
  key: Key,
): { readonly environment: readonly (readonly [string, Word])[]; readonly outcome: Outcome } {
  const stated = values.read(key, pairs, [], "a mapping or a list of NAME=VALUE");
  const words = stated.map(([name, value]) => [name, value === null ? null : interpolate(value)] as const);
  if (stated.some(([, value], at) => value !== null && words[at]?.[1] === null))
    values.refuse(key, "has a $ that begins no variable; a $ itself is $$");
  const environment = words.flatMap(([name, word]) => (word === null ? [] : [[name, word] as const]));
  const shown = environment.map(([name, word]) => `${name}=${describeWord(word)}`).join(" ");
  return {
    environment,
    outcome: values.outcome(
      key,
      shown === "" ? needless("the environment of runsvdir is passed on") : became(`run: export ${shown}`),
    ),
  };
}

import type { Pipe } from "@upkeep/linux/fd/pipe";

import { initialState, type Facts, type State } from "./state.ts";
import type { Variables } from "./variables.ts";

/** What the container environment is made of. */
export interface HandedEnvironment {
  readonly variables: Variables;
  /** Names of variables that are not in the directory. */
  readonly unwritten: ReadonlySet<string>;
  /** What the directory held at first; null: there was none. */
  readonly present: Variables | null;
}

/** What my_init tells the program that takes its place in the same process. */
export interface Handed {
  readonly life: Life;
  readonly environment: HandedEnvironment;
  /** Where runsvdir reports. */
  readonly channel: Pipe | null;
  /** Where it is told what comes of this. */
  readonly directory: string;
}

/** What is not known from the start. */
type Life = Pick<State, "services" | "main" | "isMainStarted" | "isCritical" | "code" | "scriptCode">;

/** A value for JSON. */
export function encodeHanded({ life, environment, ...rest }: Handed): unknown {
  const { services, main, isMainStarted, isCritical, code, scriptCode } = life;
  const { variables, unwritten, present } = environment;
  return {
    ...rest,
    life: { services, main, isMainStarted, isCritical, code, scriptCode },
    environment: {
      variables: [...variables],
      unwritten: [...unwritten],
      present: present === null ? null : [...present],
    },
  };
}

/** Reads what another version of this suite may have written. Null where it makes no sense, or there is none. */
export function decodeHanded(value: unknown): Handed | null {
  try {
    const { life, environment, channel, directory } = value as {
      readonly life: Life;
      readonly environment: { readonly variables: []; readonly unwritten: []; readonly present: [] | null };
      readonly channel: Pipe | null;
      readonly directory: string;
    };
    const present = environment.present === null ? null : new Map<string, string>(environment.present);
    return {
      life: { ...life },
      environment: { variables: new Map(environment.variables), unwritten: new Set(environment.unwritten), present },
      channel,
      directory,
    };
  } catch {
    return null;
  }
}

/** The state of a container that runs, after my_init was executed anew. */
export function resumedState(facts: Facts, { services, main, isMainStarted, ...rest }: Life, at: number): State {
  const isStarted = services !== 0 || facts.skipRunit;
  const servicesAt = isStarted ? Infinity : at;
  return { ...initialState(facts), phase: { kind: "running" }, services, servicesAt, main, isMainStarted, ...rest };
}

/** What must not be interrupted, as words behind our name; null: nothing. */
export function underWay({ phase }: State): string | null {
  return phase.kind === "running" ? null : `it is ${phase.kind === "ended" ? "at its end" : phase.kind}`;
}

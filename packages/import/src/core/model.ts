import type { Word } from "./words.ts";

/** A place in a file. Lines count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What became of a key of the source. */
export type Outcome =
  /** It is expressed: by which file, or by which line of `run`. */
  | { readonly kind: "became"; readonly text: string }
  /** It means nothing here, or is so anyway, for this reason. */
  | { readonly kind: "needless"; readonly text: string }
  /** It cannot be expressed: what it means, and what to do instead. */
  | { readonly kind: "lost"; readonly means: string; readonly instead: string }
  /** The format has no such key. */
  | { readonly kind: "unknown"; readonly nearest: string | null }
  /** The source would refuse it as well: what is wrong. */
  | { readonly kind: "bad"; readonly problem: string };

/** One key of the source, with what became of it. */
export interface Entry {
  /** The program it belongs to; null if it belongs to the file as a whole. */
  readonly program: string | null;
  readonly key: string;
  readonly value: string;
  /** Null for a default of the source, which no line states. */
  readonly place: Place | null;
  readonly outcome: Outcome;
}

/** A program that cannot be imported, or a file that cannot be read. */
export interface Failure {
  readonly place: Place;
  readonly text: string;
}

/** All that a source says. */
export interface Imported {
  readonly services: readonly Service[];
  readonly entries: readonly Entry[];
  readonly failures: readonly Failure[];
}

/** Where the output of a service goes. */
export type Output =
  /** To the standard output of `runsv`, as it is. */
  | { readonly kind: "inherited" }
  /** The same, each line behind this prefix; null: behind the name of the service. */
  | { readonly kind: "prefixed"; readonly prefix: string | null }
  | { readonly kind: "file"; readonly path: Word }
  /** A log service that keeps `backups` old logs of `bytes` bytes each in this directory. */
  | { readonly kind: "log"; readonly directory: Word; readonly bytes: number; readonly backups: number }
  | { readonly kind: "syslog"; readonly tag: string };

/** Where standard error goes: into standard output, a file of its own, or where `runsv` has it. */
export type Errors =
  | { readonly kind: "inherited" }
  | { readonly kind: "joined" }
  | { readonly kind: "file"; readonly path: Word };

/** What is executed: words as they are, a line for the shell, or a whole script that the source has. */
export type Command =
  | { readonly kind: "words"; readonly words: readonly Word[] }
  | { readonly kind: "shell"; readonly line: string; readonly shell?: string }
  | { readonly kind: "script"; readonly text: string };

/** Who runs a command. A name of digits alone is a number. */
export interface User {
  readonly name: string;
  /** The primary group; null: that of the user. */
  readonly group: string | null;
  /** Supplementary groups besides those of the user. */
  readonly groups: readonly string[];
  /** Whether the groups of the user count as well. */
  readonly ownGroups: boolean;
  /** Whether HOME and the other variables of the user are set. */
  readonly login: boolean;
}

/** A script beside `run`. */
export interface Script {
  readonly lines: readonly string[];
  /** Whether it begins with the directory and the environment of `run`. */
  readonly inherits: boolean;
}

/** A file of a service directory. */
export interface RenderedFile {
  /** Path below the service directory. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

/** A service, from which `render` makes a service directory. */
export interface Service {
  readonly name: string;
  /** Where it comes from, for the comment in `run`. */
  readonly origin: string;
  readonly command: Command;
  /** Null: not changed. */
  readonly user: User | null;
  /** Options of chpst(8) but those for users and names, as `-o 1024`. */
  readonly options: readonly string[];
  /** What the program is told that it is called; null: its own name. */
  readonly argv0: Word | null;
  readonly directory: Word | null;
  readonly umask: string | null;
  /** Variables, and files of them, in the order in which they are set at each start: a later one counts. */
  readonly environment: readonly (readonly [name: string, value: Word] | EnvironmentFile)[];
  /** Lines of `run` in front of the change of the directory. */
  readonly prepare: readonly string[];
  /** Lines of `run` in front of the command. */
  readonly before: readonly string[];
  readonly output: Output;
  readonly errors: Errors;
  /** Files with one value each, by name, as docs/service-directory.md lists them. */
  readonly settings: Readonly<Record<string, string>>;
  /** By path, as `finish` and `check`. */
  readonly scripts: Readonly<Record<string, Script>>;
  /** What is taken as it is. */
  readonly files: readonly RenderedFile[];
  readonly dependencies: readonly string[];
  /** Not started by itself. */
  readonly down: boolean;
  /** TERM, or this signal, goes to the whole process group. */
  readonly stopGroup: boolean;
}

/** A file of variables that sh(1) can read. */
export interface EnvironmentFile {
  readonly path: Word;
  /** Whether it may be missing. */
  readonly optional: boolean;
}

/** A service of which nothing is known but its name, and where it comes from. */
export function emptyService(name: string, origin: string): Service {
  return {
    name,
    origin,
    command: { kind: "words", words: [] },
    user: null,
    options: [],
    argv0: null,
    directory: null,
    umask: null,
    environment: [],
    prepare: [],
    before: [],
    output: { kind: "inherited" },
    errors: { kind: "inherited" },
    settings: {},
    scripts: {},
    files: [],
    dependencies: [],
    down: false,
    stopGroup: false,
  };
}

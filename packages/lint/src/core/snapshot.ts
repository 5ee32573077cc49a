/** What stands in a service directory under one name. */
export interface FileSnapshot {
  /** Of what a link leads to; `nothing`: it leads nowhere. */
  readonly kind: "file" | "directory" | "other" | "nothing";
  readonly isLink: boolean;
  /** The permissions. */
  readonly mode: number;
  /** Null for what is no text, or is too large, or may not be read. */
  readonly text: string | null;
  /** When it was changed last, in ms since 1970. */
  readonly changed: number;
}

/** A service directory, with the files that rules look at. */
export interface ServiceSnapshot {
  readonly name: string;
  /** As findings show it. */
  readonly path: string;
  /** By their paths within the directory, such as `log/run`; `.` is the directory. */
  readonly files: ReadonlyMap<string, FileSnapshot>;
  /** The names beside it, its own included. Dependencies are among them. */
  readonly siblings: ReadonlySet<string>;
}

/** What rules are applied to. */
export interface Snapshot {
  readonly services: readonly ServiceSnapshot[];
  /** The interpreters that scripts name and that exist. */
  readonly interpreters: ReadonlySet<string>;
  /** Null where they are not known. */
  readonly users: ReadonlySet<string> | null;
  /** Whether the directories will be on a read-only file system. */
  readonly isReadOnly: boolean;
}

/** The file under a name, if it is a regular one. */
export function fileOf({ files }: ServiceSnapshot, name: string): FileSnapshot | null {
  const found = files.get(name);
  return found?.kind === "file" ? found : null;
}

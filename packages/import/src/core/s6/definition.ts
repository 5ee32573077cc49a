/** A file of a source directory. */
export interface SourceFile {
  /** Below the definition. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

/** A directory that defines a service, with all its files. */
export interface Definition {
  readonly name: string;
  readonly directory: string;
  readonly files: readonly SourceFile[];
}

/** What a tree of s6-rc or s6-overlay holds. */
export interface S6Source {
  /** `s6-rc.d`: definitions with a `type`. */
  readonly definitions: readonly Definition[];
  /** `services.d`: service directories. */
  readonly services: readonly Definition[];
  /** `cont-init.d` and `cont-finish.d`: scripts, in the order of their names. */
  readonly starts: readonly SourceFile[];
  readonly ends: readonly SourceFile[];
  /** Where it is. */
  readonly directory: string;
}

/** The text of a file without blanks around it; null where there is none. */
export function valueOf({ files }: Definition, path: string): string | null {
  return files.find((file) => file.path === path)?.text.trim() ?? null;
}

/** The names that a file lists, or a directory holds. */
export function namesIn(definition: Definition, path: string): readonly string[] {
  const listed = (valueOf(definition, path) ?? "").split("\n").map((line) => line.replace(/#.*/, "").trim());
  const held = definition.files
    .filter((file) => file.path.startsWith(`${path}.d/`))
    .map((file) => file.path.slice(path.length + 3));
  return [...new Set([...listed, ...held])].filter((name) => name !== "");
}
